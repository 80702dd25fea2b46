//! The attribute macros of mcp-parity.
//!
//! They are documented where `mcp_parity` re-exports them. Each has two entry points over one
//! implementation: one for crates that depend on `mcp_core`, one for users of the facade.
//!
//! An attribute is parsed (`attribute`, `source`), checked into a model (`model`) and written
//! out (`expand`). Every mistake goes to one `errors::Errors`, so that a file is corrected in
//! one go, and the author's function is emitted whatever happens.

mod attribute;
mod diagnostics;
mod docs;
mod errors;
mod expand;
mod function;
#[cfg(test)]
mod golden;
mod impl_block;
mod kind;
mod model;
mod names;
mod parameter;
mod pipeline;
mod root;
mod source;
mod types;
mod uri;

use proc_macro::TokenStream;

use crate::kind::Kind;
use crate::root::Root;

fn run(kind: Kind, root: Root, attribute: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::run(kind, root, attribute.into(), item.into()).into()
}

/// Makes a tool of a function.
#[proc_macro_attribute]
pub fn tool(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Tool, Root::core(), attribute, item)
}

/// Makes a tool of a function, for users of the facade.
#[proc_macro_attribute]
pub fn tool_via_facade(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Tool, Root::facade(), attribute, item)
}

/// Makes a resource of a function.
#[proc_macro_attribute]
pub fn resource(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Resource, Root::core(), attribute, item)
}

/// Makes a resource of a function, for users of the facade.
#[proc_macro_attribute]
pub fn resource_via_facade(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Resource, Root::facade(), attribute, item)
}

/// Makes a prompt of a function.
#[proc_macro_attribute]
pub fn prompt(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Prompt, Root::core(), attribute, item)
}

/// Makes a prompt of a function, for users of the facade.
#[proc_macro_attribute]
pub fn prompt_via_facade(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Prompt, Root::facade(), attribute, item)
}

/// Makes a completion of a function.
#[proc_macro_attribute]
pub fn completion(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Completion, Root::core(), attribute, item)
}

/// Makes a completion of a function, for users of the facade.
#[proc_macro_attribute]
pub fn completion_via_facade(attribute: TokenStream, item: TokenStream) -> TokenStream {
    run(Kind::Completion, Root::facade(), attribute, item)
}
