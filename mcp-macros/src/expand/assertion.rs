//! Assertions that put a type that does not fit into the author's words, at the author's token.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::tokens;
use crate::kind::Kind;
use crate::model::Item;
use crate::types::{self, Shape};

/// Asserts that the parameters of a tool can be read from JSON. It comes before the struct
/// that reads them, so that its message is the first.
pub(super) fn parameters(item: &Item) -> Option<TokenStream> {
    if item.kind() != Kind::Tool {
        return None;
    }
    let asserted = assertions(unknown(item), &quote!(ToolArgument), item.function.owner.as_ref())?;
    Some(quote!(const _: fn() = || #asserted;))
}

/// Asserts, in the body that uses them, that types can be what the item takes and answers.
///
/// In one body, the assertion's message stands for all others at the same token.
pub(super) fn in_body(item: &Item) -> Option<TokenStream> {
    let owner = item.function.owner.as_ref();
    let is_list_of_strings = |ty: &&Type| types::shown(*ty) == "Vec<String>";
    match item.kind() {
        Kind::Tool => None,
        Kind::Resource | Kind::Prompt => texts(item),
        Kind::Completion => {
            let texts = texts(item);
            let values = item.function.output.value().filter(|ty| !is_list_of_strings(ty));
            let values = assertions(values, &quote!(IntoCompletionValues), owner);
            Some(quote!(#texts #values))
        }
    }
}

/// Asserts, in the body that uses it, that a tool's whole argument object can be read from JSON.
pub(super) fn whole(ty: &Type, owner: Option<&Type>) -> Option<TokenStream> {
    assertions([ty], &quote!(ToolArgument), owner)
}

fn texts(item: &Item) -> Option<TokenStream> {
    assertions(unknown(item), &quote!(TextArgument), item.function.owner.as_ref())
}

/// A block that asserts a trait of types.
fn assertions<'t>(types: impl IntoIterator<Item = &'t Type>, bound: &TokenStream, owner: Option<&Type>) -> Option<TokenStream> {
    let asserted: Vec<TokenStream> = types
        .into_iter()
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

/// The arguments whose type could be anything, by its name.
fn unknown(item: &Item) -> impl Iterator<Item = &Type> {
    let types = item.function.plain().map(|plain| plain.option().unwrap_or(&plain.ty));
    types.filter(|ty| matches!(types::shape(ty), Shape::Unknown | Shape::Composite))
}
