//! Who is calling: the seam between transports and identity providers.
//!
//! A transport gathers a request's [`Credentials`] and asks an [`Authenticator`]; what comes back
//! is a [`Principal`], and no token ever reaches a tool. This crate knows no transport.

mod authenticator;
mod challenge;
mod credentials;

pub use authenticator::{AuthError, Authenticate, Authenticator};
pub use challenge::bearer_challenge;
pub use credentials::Credentials;
pub use mcp_core::{Principal, ScopeSet, Tier};
