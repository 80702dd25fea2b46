//! The crate that generated code reaches everything through.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// A path to `mcp_core`, or to a crate that re-exports what is in it.
#[derive(Clone)]
pub(crate) struct Root(TokenStream);

impl Root {
    /// For crates that depend on the core.
    pub(crate) fn core() -> Self {
        Self(quote!(::mcp_core))
    }

    /// For crates that depend on the facade.
    pub(crate) fn facade() -> Self {
        Self(quote!(::mcp_parity))
    }

    /// The path an author wrote as `crate = …`, if there is one.
    pub(crate) fn or(self, path: Option<&syn::Path>) -> Self {
        path.map_or(self, |path| Self(path.to_token_stream()))
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
