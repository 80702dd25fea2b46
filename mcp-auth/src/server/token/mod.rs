//! Tokens: how they are made, renewed, looked into and taken back.

mod access;
mod code;
mod credentials;
mod endpoint;
mod introspect;
mod own;
mod pkce;
mod refresh;
mod revoke;

pub(crate) use access::{GRANT_CLAIM, Issued};
pub(crate) use code::code_owners;
pub(super) use endpoint::answer;
pub(super) use introspect::answer as introspect;
pub(crate) use pkce::is_challenge;
pub(super) use revoke::answer as revoke;
