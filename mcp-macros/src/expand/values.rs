//! The values that the author's function is called with.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::call::Names;
use super::{at, default, local, tokens};
use crate::kind::Kind;
use crate::model::Item;
use crate::parameter::{DefaultValue, Injected, Parameter, Plain};
use crate::types;

/// The name of a parameter's value, which must not hide a function of the same name.
fn value_of(parameter: &Ident) -> Ident {
    let mut name = local(&format!("{}_value", parameter.unraw()));
    name.set_span(at(parameter.span()));
    name
}

/// What the author's function is called with.
pub(super) struct Values {
    /// Statements that make values.
    pub(super) preparation: TokenStream,
    /// The values, in order.
    pub(super) passed: Vec<TokenStream>,
    pub(super) uses_context: bool,
    pub(super) uses_arguments: bool,
}

impl Values {
    pub(super) fn of(item: &Item, names: &Names) -> Self {
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
        let name = injected.name.as_ref().map_or_else(|| local(&format!("injected{position}")), value_of);
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
        let (ident, key) = (value_of(&plain.ident), &plain.name);
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
