//! The functions that make default values.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident};

use crate::function::Function;
use crate::parameter::{DefaultValue, Plain};
use crate::types::{self, Shape};

/// `fn __default_limit() -> u32 { 50 }`, for every argument with a default of its own.
pub(super) fn functions(function: &Function) -> TokenStream {
    let owner = function.owner.as_ref();
    function
        .plain()
        .filter_map(|plain| {
            let Some(DefaultValue::Expression(value)) = &plain.default else { return None };
            let name = name(plain);
            let ty = types::without_self(super::tokens(&plain.ty), owner);
            let value = types::without_self(converted(value, plain), owner);
            Some(quote!(fn #name() -> #ty { #value }))
        })
        .collect()
}

/// The name of the function that makes an argument's default value.
pub(super) fn name(plain: &Plain) -> Ident {
    format_ident!("__default_{}", plain.ident.unraw())
}

/// A string literal is turned into the type, so that a `String` may have a default.
fn converted(value: &Expr, plain: &Plain) -> TokenStream {
    if types::literal_text(value).is_some() && matches!(types::shape(&plain.ty), Shape::Text | Shape::Unknown) {
        return quote_spanned!(super::at(value.span())=> ::core::convert::Into::into(#value));
    }
    quote!(#value)
}
