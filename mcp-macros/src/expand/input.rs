//! The struct that a tool's arguments are read into.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;

use super::{default, tokens};
use crate::function::Function;
use crate::parameter::{DefaultValue, Plain};
use crate::types;

/// The struct, if there is any argument to hold.
pub(super) fn declaration(function: &Function) -> TokenStream {
    let fields: Vec<TokenStream> = function.plain().map(|plain| field(plain, function)).collect();
    if fields.is_empty() {
        return TokenStream::new();
    }
    // schemars writes the default of an argument as `Some(…)`, whatever that means where the function is.
    let some = function.plain().any(|plain| plain.default.is_some()).then(|| {
        quote! {
            #[allow(unused_imports)]
            use ::core::option::Option::Some;
        }
    });
    quote! {
        #some
        #[derive(__mcp::serde::Deserialize, __mcp::schemars::JsonSchema)]
        #[serde(crate = "__mcp::serde", deny_unknown_fields)]
        #[schemars(crate = "__mcp::schemars")]
        struct __Input {
            #(#fields,)*
        }
    }
}

fn field(plain: &Plain, function: &Function) -> TokenStream {
    let ident = &plain.ident;
    let ty = types::without_self(tokens(&plain.ty), function.owner.as_ref());
    let serde = serde(plain);
    let schema = schema(plain, function);
    quote! { #serde #schema #ident: #ty }
}

fn serde(plain: &Plain) -> TokenStream {
    let mut says = Vec::new();
    if plain.ident.unraw() != plain.name.as_str() {
        let name = &plain.name;
        says.push(quote!(rename = #name));
    }
    match &plain.default {
        Some(DefaultValue::OfType(_)) => says.push(quote!(default)),
        Some(DefaultValue::Expression(_)) => {
            let function = default::name(plain).to_string();
            says.push(quote!(default = #function));
        }
        None => {}
    }
    attribute("serde", &says)
}

fn schema(plain: &Plain, function: &Function) -> TokenStream {
    let mut says = Vec::new();
    if let Some(description) = &plain.description {
        says.push(quote!(description = #description));
    }
    if let Some(range) = &plain.range {
        says.push(types::without_self(range.schema(), function.owner.as_ref()));
    }
    let lengths: Vec<TokenStream> = [("min", &plain.min_length), ("max", &plain.max_length)]
        .into_iter()
        .filter_map(|(key, length)| {
            let key = quote::format_ident!("{key}");
            length.as_ref().map(|length| quote!(#key = #length))
        })
        .collect();
    if !lengths.is_empty() {
        says.push(quote!(length(#(#lengths),*)));
    }
    if let Some(pattern) = &plain.pattern {
        says.push(quote!(regex(pattern = #pattern)));
    }
    if let Some(header) = &plain.header {
        says.push(quote!(extend("x-mcp-header" = #header)));
    }
    attribute("schemars", &says)
}

fn attribute(name: &str, says: &[TokenStream]) -> TokenStream {
    if says.is_empty() {
        return TokenStream::new();
    }
    let name = quote::format_ident!("{name}").into_token_stream();
    quote!(#[#name(#(#says),*)])
}
