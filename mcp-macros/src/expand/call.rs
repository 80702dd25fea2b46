//! The function that the dispatcher calls.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::{Arguments, arguments, assertion, at, default, local, tokens};
use crate::function::Output;
use crate::kind::Kind;
use crate::model::Item;
use crate::parameter::{DefaultValue, Injected, Parameter, Plain};
use crate::types;

/// Names in the generated function.
struct Names {
    cx: Ident,
    arguments: Ident,
    input: Ident,
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

/// What the author's function is called with.
struct Values {
    /// Statements that make values.
    preparation: TokenStream,
    /// The values, in order.
    passed: Vec<TokenStream>,
    uses_context: bool,
    uses_arguments: bool,
}

impl Values {
    fn of(item: &Item, names: &Names) -> Self {
        let mut values = Self { preparation: TokenStream::new(), passed: Vec::new(), uses_context: false, uses_arguments: false };
        let owner = item.function.owner.as_ref();
        let mut first = true;
        for (position, parameter) in item.function.parameters.iter().enumerate() {
            match parameter {
                Parameter::Receiver => values.inject_receiver(owner, names),
                Parameter::Injected(injected) => values.inject(injected, position, owner, names),
                Parameter::Whole(_) => {
                    let input = &names.input;
                    values.passed.push(quote!(__mcp::Args(#input)));
                }
                Parameter::Plain(plain) if item.kind() == Kind::Tool => {
                    let (input, ident) = (&names.input, &plain.ident);
                    values.passed.push(quote!(#input.#ident));
                }
                Parameter::Plain(plain) => {
                    let typed = item.kind() == Kind::Completion && std::mem::take(&mut first);
                    values.read_text(plain, typed, owner, names);
                }
            }
        }
        values
    }

    fn inject_receiver(&mut self, owner: Option<&Type>, names: &Names) {
        let this = local("this");
        let ty = quote_spanned!(at(owner.span())=> __mcp::State<#owner>);
        self.take_from_context(&this, &ty, owner.span(), names);
        self.passed.push(quote!(&#this));
    }

    fn inject(&mut self, injected: &Injected, position: usize, owner: Option<&Type>, names: &Names) {
        let name = injected.name.clone().unwrap_or_else(|| local(&format!("injected{position}")));
        let ty = types::without_self(tokens(&injected.ty), owner);
        self.take_from_context(&name, &ty, injected.ty.span(), names);
        self.passed.push(if injected.by_reference { quote!(&#name) } else { quote!(#name) });
    }

    fn take_from_context(&mut self, name: &Ident, ty: &TokenStream, span: Span, names: &Names) {
        let cx = &names.cx;
        let (value, error) = (local("value"), local("error"));
        let taken = quote_spanned!(at(span)=> <#ty as __mcp::FromContext>::from_context(#cx));
        self.uses_context = true;
        self.preparation.extend(quote! {
            let #name = match #taken {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(#error) => return __mcp::Invocation::ready(__mcp::Answer::error(#error)),
            };
        });
    }

    /// Reads an argument that is a string on the wire.
    fn read_text(&mut self, plain: &Plain, typed: bool, owner: Option<&Type>, names: &Names) {
        let Names { arguments, .. } = names;
        let (ident, key) = (&plain.ident, &plain.name);
        let inner = types::without_self(tokens(plain.option().unwrap_or(&plain.ty)), owner);
        let span = plain.ty.span();
        let read = if typed {
            quote_spanned!(span=> #arguments.first::<#inner>())
        } else if plain.is_optional() {
            quote_spanned!(span=> #arguments.optional::<#inner>(#key))
        } else {
            quote_spanned!(span=> #arguments.required::<#inner>(#key))
        };
        let (value, answer) = (local("value"), local("answer"));
        let found = match &plain.default {
            None => quote!(::core::result::Result::Ok(#value) => #value,),
            Some(default) => {
                let default = match default {
                    DefaultValue::OfType(_) => quote_spanned!(at(span)=> <#inner as ::core::default::Default>::default()),
                    DefaultValue::Expression(_) => {
                        let function = default::name(plain);
                        quote!(#function())
                    }
                };
                quote! {
                    ::core::result::Result::Ok(::core::option::Option::Some(#value)) => #value,
                    ::core::result::Result::Ok(::core::option::Option::None) => #default,
                }
            }
        };
        self.uses_arguments = true;
        self.preparation.extend(quote! {
            let #ident = match #read {
                #found
                ::core::result::Result::Err(#answer) => return __mcp::Invocation::ready(#answer),
            };
        });
        self.passed.push(quote!(#ident));
    }
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
