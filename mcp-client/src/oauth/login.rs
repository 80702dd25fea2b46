//! What is kept of a login.

use serde::{Deserialize, Serialize};

use super::client::Client;
use super::discovery::Found;
use super::reach::Reach;
use super::token::Tokens;

/// What is kept of a login: as whom the client acts, where, and the tokens it has. `Debug` shows no secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Login {
    /// The authorization server that issued all this. It is shown to no other one.
    pub issuer: String,
    /// The parameter `resource` with which tokens are asked for.
    pub resource: String,
    /// The client.
    pub client: Client,
    /// Where tokens are renewed.
    pub token_endpoint: String,
    /// Where tokens are given back, if that can be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// From where the server can be reached: what is asked of the authorization server stays with what can be reached from as far.
    #[serde(default)]
    pub(crate) reach: Reach,
    /// The scopes that were asked for.
    #[serde(default)]
    pub requested: Vec<String>,
    /// The tokens, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// The key that the tokens are bound to, as PKCS #8 in Base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = (&self.issuer, &self.resource, &self.client, &self.tokens);
        f.debug_tuple("Login").field(&shown).finish()
    }
}

impl Login {
    /// A login that is about to get its tokens.
    pub(crate) fn without_tokens(found: &Found, client: Client, requested: Vec<String>) -> Self {
        Self {
            issuer: found.issuer.clone(),
            resource: found.resource.clone(),
            client,
            token_endpoint: found.token_endpoint.to_string(),
            revocation_endpoint: found.metadata.revocation_endpoint.clone(),
            reach: found.reach,
            requested,
            tokens: None,
            key: None,
        }
    }

    /// A login that has tokens.
    pub(crate) fn new(found: &Found, client: Client, requested: Vec<String>, tokens: Tokens) -> Self {
        Self { tokens: Some(tokens), ..Self::without_tokens(found, client, requested) }
    }

    /// Whether it is the login of the same client at the same authorization server for the same resource.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.issuer, &self.resource, &self.client.id) == (&other.issuer, &other.resource, &other.client.id)
    }
}
