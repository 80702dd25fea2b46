//! The function that the dispatcher calls.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type};

use super::values::Values;
use super::{Arguments, arguments, assertion, local, tokens};
use crate::function::Output;
use crate::kind::Kind;
use crate::model::Item;
use crate::parameter::Plain;
use crate::types;

/// Names in the generated function.
pub(super) struct Names {
    pub(super) cx: Ident,
    pub(super) arguments: Ident,
    pub(super) input: Ident,
}

/// `|cx, arguments| -> Invocation { … }`
pub(super) fn function(item: &Item) -> TokenStream {
    let names = Names { cx: local("cx"), arguments: local("arguments"), input: local("input") };
    let reading = if item.kind() == Kind::Tool { read_json(item, &names) } else { TokenStream::new() };
    let assertions = assertion::in_body(item);
    let values = Values::of(item, &names);
    let preparation = &values.preparation;
    let answer = answer(item, &values.passed, &names.cx);
    let (cx, arguments) = (&names.cx, &names.arguments);
    let cx = if values.uses_context || item.attribute.blocking.is_some() { quote!(#cx) } else { quote!(_) };
    let arguments = if values.uses_arguments || item.kind() == Kind::Tool { quote!(#arguments) } else { quote!(_) };
    quote! {
        |#cx: &__mcp::Context, #arguments: __mcp::Arguments<'_>| -> __mcp::Invocation {
            #assertions
            #reading
            #preparation
            #answer
        }
    }
}

/// Reads a tool's arguments and checks their ranges.
fn read_json(item: &Item, names: &Names) -> TokenStream {
    let Names { arguments: received, input, .. } = names;
    let owner = item.function.owner.as_ref();
    let ty = match arguments(item) {
        Arguments::None => {
            let error = local("error");
            return quote! {
                if let ::core::result::Result::Err(#error) = #received.parse::<__mcp::NoArguments>() {
                    return __mcp::Invocation::ready(__mcp::Answer::invalid_arguments(#error));
                }
            };
        }
        Arguments::Plain => quote!(__Input),
        Arguments::Whole(ty) => types::without_self(tokens(ty), owner),
    };
    let error = local("error");
    let ranges = item.function.plain().filter_map(|plain| range_check(plain, input, owner));
    quote! {
        let #input = match #received.parse::<#ty>() {
            ::core::result::Result::Ok(#input) => #input,
            ::core::result::Result::Err(#error) => {
                return __mcp::Invocation::ready(__mcp::Answer::invalid_arguments(#error));
            }
        };
        #(#ranges)*
    }
}

/// With the type of the range written out, a bound of another type is one error, at the bound.
fn range_check(plain: &Plain, input: &Ident, owner: Option<&Type>) -> Option<TokenStream> {
    let range = plain.range.as_ref()?;
    let kind = format_ident!("{}", range.type_name());
    let bounds = types::without_self(tokens(range), owner);
    let ty = types::without_self(tokens(plain.option().unwrap_or(&plain.ty)), owner);
    let (name, ident) = (local("range"), &plain.ident);
    let outside = if plain.option().is_some() {
        let value = local("value");
        quote!(#input.#ident.as_ref().is_some_and(|#value| !#name.contains(#value)))
    } else {
        quote!(!#name.contains(&#input.#ident))
    };
    Some(quote! {
        let #name: ::core::ops::#kind<#ty> = #bounds;
        if #outside {
            return __mcp::Invocation::ready(__mcp::Answer::out_of_range());
        }
    })
}

/// Calls the author's function and makes an answer of what it returns.
fn answer(item: &Item, passed: &[TokenStream], cx: &Ident) -> TokenStream {
    let function = &item.function;
    let (path, place) = (function.path(), function.ident.span());
    let made = quote_spanned!(place=> #path(#(#passed),*));
    let made = if function.is_async { quote_spanned!(place=> __mcp::assert_send(#made).await) } else { made };
    let statements = into_answer(item, &made);
    if function.is_async {
        quote!(__mcp::Invocation::running(async move { #statements }))
    } else if item.attribute.blocking.is_some() {
        quote!(__mcp::Invocation::blocking(#cx, move || { #statements }))
    } else {
        quote! {
            __mcp::Invocation::ready({ #statements })
        }
    }
}

/// Names the types that become an answer, so that one that cannot is reported where the author wrote it.
fn into_answer(item: &Item, made: &TokenStream) -> TokenStream {
    let word = item.kind().word();
    let owner = item.function.owner.as_ref();
    let named = |ty: &Type| types::without_self(tokens(ty), owner);
    let (output, answer) = (local("output"), local("answer"));
    let make = match &item.function.output {
        Output::Nothing => return quote!(#made; __mcp::Answer::tool_value(())),
        Output::Value(ty) => {
            let (make, ty) = (format_ident!("{word}_value"), named(ty));
            quote!(__mcp::Answer::#make::<#ty>)
        }
        Output::Fallible { ok, error } => {
            let (make, ok) = (format_ident!("{word}"), named(ok));
            let error = error.as_deref().map_or_else(|| quote!(_), named);
            quote!(__mcp::Answer::#make::<#ok, #error>)
        }
    };
    quote! {
        let #output = #made;
        let #answer = #make;
        #answer(#output)
    }
}
