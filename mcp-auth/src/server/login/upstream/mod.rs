//! Signing in at another site, which says who it is.

mod answer;
mod github;
mod handshake;
mod oidc;
#[cfg(test)]
mod tests;

pub use github::GithubUpstream;
pub use oidc::OidcUpstream;

use crate::{Issuer, NotAnIssuer};

/// Sites to sign in at.
///
/// Whoever comes back is known by the issuer and its subject, never by an address or a name: the same subject of two issuers is two people,
/// and an address says who it is only if the issuer has verified it.
#[derive(Debug)]
pub enum Upstream {}

impl Upstream {
    /// An OpenID Connect provider, by its issuer, as `https://accounts.google.com`, and what it calls this server. The redirect URI to
    /// register there is `https://…/login/oidc/callback`, with another [name](OidcUpstream::named) in it if there is one.
    ///
    /// # Errors
    /// When it is not the identifier of an issuer.
    pub fn oidc(issuer: &str, client_id: impl Into<String>, client_secret: impl Into<String>) -> Result<OidcUpstream, NotAnIssuer> {
        Ok(OidcUpstream::new(Issuer::parse(issuer)?, client_id.into(), client_secret.into()))
    }

    /// GitHub, by an OAuth app of it. The callback URL to register there is `https://…/login/github/callback`.
    pub fn github(client_id: impl Into<String>, client_secret: impl Into<String>) -> GithubUpstream {
        GithubUpstream::new(client_id.into(), client_secret.into())
    }
}
