//! Who is calling: the seam between transports and identity providers, and the providers.
//!
//! A transport gathers a request's [`Credentials`] and asks an [`Authenticator`]; what comes back
//! is a [`Principal`], and no token ever reaches a tool. This crate knows no transport.

mod authenticator;
mod challenge;
#[cfg(feature = "providers")]
mod clock;
mod credentials;
mod error;
#[cfg(feature = "providers")]
mod fetch;
mod mode;
mod resource;
mod token;

pub use authenticator::{Authenticate, Authenticator};
pub use challenge::BearerChallenge;
#[cfg(feature = "providers")]
pub use clock::Clock;
pub use credentials::Credentials;
pub use error::AuthError;
#[cfg(feature = "providers")]
pub use fetch::{Fetch, FetchError};
pub use mcp_core::{Principal, ScopeSet, Tier};
pub use mode::AuthMode;
pub use resource::{NotAResource, Resource};
pub use token::{Bearer, MAX_TOKEN_BYTES, VerifyToken};
