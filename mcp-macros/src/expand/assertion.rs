//! Assertions that put a type that does not fit into the author's words, at the author's token.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::{Arguments, tokens};
use crate::kind::Kind;
use crate::model::Item;
use crate::types::{self, Shape};

/// Asserts that the parameters of a tool can be read from JSON. It comes before the struct
/// that reads them, so that its message is the first.
pub(super) fn parameters(item: &Item) -> Option<TokenStream> {
    if item.kind() != Kind::Tool {
        return None;
    }
    let types = item.function.plain().map(|plain| plain.option().unwrap_or(&plain.ty));
    let asserted = assertions(types, &quote!(ToolArgument), item.function.owner.as_ref())?;
    Some(quote!(const _: fn() = || #asserted;))
}

/// Asserts, in the body that uses them, that types can be what the item takes and answers.
///
/// In one body, the assertion's message stands for all others at the same token.
pub(super) fn in_body(item: &Item) -> Option<TokenStream> {
    let owner = item.function.owner.as_ref();
    match item.kind() {
        Kind::Tool => match super::arguments(item) {
            Arguments::Whole(ty) => assertions([ty], &quote!(ToolArgument), owner),
            Arguments::None | Arguments::Plain => None,
        },
        Kind::Resource | Kind::Prompt => texts(item),
        Kind::Completion => {
            let texts = texts(item);
            let values = assertions(item.function.output.value(), &quote!(IntoCompletionValues), owner);
            Some(quote!(#texts #values))
        }
    }
}

fn texts(item: &Item) -> Option<TokenStream> {
    let types = item.function.plain().map(|plain| plain.option().unwrap_or(&plain.ty));
    assertions(types, &quote!(TextArgument), item.function.owner.as_ref())
}

/// A block that asserts a trait of those types that could be anything, by their names.
fn assertions<'t>(types: impl IntoIterator<Item = &'t Type>, bound: &TokenStream, owner: Option<&Type>) -> Option<TokenStream> {
    let asserted: Vec<TokenStream> = types
        .into_iter()
        .filter(|ty| matches!(types::shape(ty), Shape::Unknown | Shape::Composite) && !is_list_of_strings(ty))
        .map(|ty| {
            let span = ty.span();
            let ty = types::without_self(tokens(ty), owner);
            quote_spanned!(span=> assert::<#ty>();)
        })
        .collect();
    (!asserted.is_empty()).then(|| {
        quote! {
            {
                fn assert<T: __mcp::#bound>() {}
                #(#asserted)*
            }
        }
    })
}

/// `Vec<String>`, which most completions return.
fn is_list_of_strings(ty: &Type) -> bool {
    types::shown(ty) == "Vec<String>"
}
