//! OAuth clients: what they are, how they become known, and how they identify themselves.

mod assertion;
mod authenticate;
mod clients;
mod credentials;
mod document;
mod documents;
mod failures;
mod keys;
mod known;
mod manage;
mod metadata;
mod operator;
mod outbound;
mod redirect;
mod registration;
mod room;
#[cfg(test)]
mod testing;

use std::collections::BTreeSet;

use mcp_store::Kind;
use serde::{Deserialize, Serialize};

use super::db::Row;
use super::pages::{ClientLine, display_name};

pub(crate) use clients::{ClientSettings, Clients};
pub(crate) use operator::NewClient;
pub(crate) use redirect::{allows, check as check_redirect, host_for_display};

/// A client, as far as it matters here (RFC 7591, section 2). Each capability is what it asked for and this server offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) source: ClientSource,
    /// Its name, fit to be shown: without control and direction characters, at most 64 characters.
    pub(crate) name: String,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uri: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    /// How it may identify itself at the token endpoint; any of them.
    pub(crate) auth_methods: Vec<AuthMethod>,
    /// The peppered hash of its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
    /// Its public keys: a JWK set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jwks: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jwks_uri: Option<String>,
    /// The one algorithm of its assertions, if it registered one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) assertion_alg: Option<String>,
    pub(crate) grant_types: Vec<GrantType>,
    /// What it may hold itself, by `client_credentials`; only for clients that the operator made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<BTreeSet<String>>,
    /// When it became known, in seconds since 1970.
    pub(crate) created: u64,
    /// The peppered hash of the token that changes it (RFC 7592).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) management: Option<String>,
}

/// How a client became known, and so how far its name can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientSource {
    /// The operator made it.
    Operator,
    /// By the document at its id, or a copy of it that comes with this crate.
    Document,
    /// It registered itself (RFC 7591): it says what it likes of itself.
    Registration,
}

/// How a client identifies itself at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthMethod {
    /// Not at all: PKCE and the redirect have to do.
    #[serde(rename = "none")]
    None,
    #[serde(rename = "client_secret_basic")]
    SecretBasic,
    #[serde(rename = "client_secret_post")]
    SecretPost,
    #[serde(rename = "private_key_jwt")]
    PrivateKeyJwt,
}

/// What a client may ask tokens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

impl Row for Client {
    const KIND: Kind = Kind::from_static("client");
}

/// A client as people can tell it apart.
pub(crate) fn line(name: &str, source: ClientSource, redirect_uri: &str) -> ClientLine {
    let (host, on_this_computer) = host_for_display(redirect_uri);
    ClientLine { name: display_name(name, &host), host, unverified: source == ClientSource::Registration, on_this_computer }
}

impl Client {
    /// Whether it has to show who it is. One that may come with a key and without anything, too, does not.
    pub(crate) fn is_confidential(&self) -> bool {
        !self.auth_methods.contains(&AuthMethod::None)
    }

    pub(crate) fn may(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }
}
