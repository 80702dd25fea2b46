//! Writes checked items out.
//!
//! Every item becomes one `const _`: the struct its arguments are read into, if it is a tool
//! with parameters, and the definition that registers it, which holds the function that the
//! dispatcher calls. What could be a normal function is one, in `mcp_core`; it is reached
//! through `root::__private`, here `__mcp`.
//!
//! The definition is one body, closures included: the compiler then reports a type that does
//! not fit once, however often it is used.

mod assertion;
mod call;
mod default;
mod definition;
mod input;
mod values;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use crate::kind::Kind;
use crate::model::{Detail, Item};
use crate::parameter::Parameter;
use crate::root::Root;

/// The code that serves an item, to follow the author's function.
pub(crate) fn item(item: &Item, root: &Root) -> TokenStream {
    let cfgs = &item.function.cfgs;
    let defaults = default::functions(&item.function);
    let input = (item.kind() == Kind::Tool).then(|| input::declaration(&item.function));
    let assertions = assertion::parameters(item);
    let definition = definition::constant(item);
    quote! {
        #(#cfgs)*
        const _: () = {
            use #root::__private as __mcp;
            #assertions
            #defaults
            #input
            #definition
            __mcp::inventory::submit! { __ITEM }
        };
    }
}

/// A name of ours that no name of the author's can meet.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// A place of the author's, for tokens of ours: errors show it, lints about style do not apply.
fn at(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

fn tokens(node: &impl quote::ToTokens) -> TokenStream {
    node.to_token_stream()
}

/// How a tool's arguments arrive.
enum Arguments<'a> {
    None,
    /// A struct made from the parameters.
    Plain,
    /// A type of the author's.
    Whole(&'a syn::Type),
}

fn arguments(item: &Item) -> Arguments<'_> {
    debug_assert!(matches!(item.detail, Detail::Tool), "only tools read JSON");
    let parameters = &item.function.parameters;
    if let Some(ty) = parameters.iter().find_map(|parameter| if let Parameter::Whole(ty) = parameter { Some(ty) } else { None }) {
        return Arguments::Whole(ty);
    }
    if item.function.plain().next().is_some() { Arguments::Plain } else { Arguments::None }
}
