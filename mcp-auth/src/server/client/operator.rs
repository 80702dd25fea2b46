//! Clients that the operator makes.

use std::collections::BTreeSet;

use mcp_store::When;
use serde_json::Value;

use super::clients::{Clients, Kept};
use super::metadata::{bad, check_keys, check_keys_uri};
use super::{AuthMethod, Client, ClientSource, GrantType, redirect};
use crate::JwsAlgorithm;
use crate::server::error::OAuthError;
use crate::server::pages::display_name;
use crate::server::secrets::{new_id, new_secret};

/// A client that the operator makes.
///
/// One without redirect URIs and scopes can do nothing but ask about tokens, as a resource server does (RFC 7662).
#[derive(Clone, Debug)]
pub(crate) struct NewClient {
    pub(crate) name: String,
    pub(crate) redirect_uris: Vec<String>,
    /// How it identifies itself. A secret may be sent either way, whichever of them this is.
    pub(crate) auth_method: AuthMethod,
    /// Its public keys, for `private_key_jwt`.
    pub(crate) jwks: Option<Value>,
    /// Where its public keys are, for `private_key_jwt`.
    pub(crate) jwks_uri: Option<String>,
    /// The one algorithm of its assertions, for `private_key_jwt`.
    pub(crate) assertion_alg: Option<String>,
    /// What it may hold itself, by `client_credentials`.
    pub(crate) scopes: Option<BTreeSet<String>>,
}

impl Clients {
    /// Makes a client, and answers its id and, if it has one, its secret, which nobody is told again.
    ///
    /// # Errors
    /// `invalid_redirect_uri` and `invalid_client_metadata` with what is wrong with it, and when the store fails.
    pub(crate) async fn add_operator_client(&self, new: NewClient) -> Result<(String, Option<String>), OAuthError> {
        check(&new)?;
        let id = format!("c_{}", new_id());
        let with_secret = matches!(new.auth_method, AuthMethod::SecretBasic | AuthMethod::SecretPost);
        let secret = with_secret.then(|| new_secret("mcs"));
        let mut grant_types = Vec::new();
        if !new.redirect_uris.is_empty() {
            grant_types.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
        }
        grant_types.extend(new.scopes.is_some().then_some(GrantType::ClientCredentials));
        let client = Client {
            name: display_name(&new.name, &id),
            id,
            source: ClientSource::Operator,
            uri: None,
            redirect_uris: new.redirect_uris,
            auth_methods: if with_secret { vec![AuthMethod::SecretBasic, AuthMethod::SecretPost] } else { vec![new.auth_method] },
            secret: secret.as_deref().map(|secret| self.db.secrets().id_of(secret)),
            jwks: new.jwks,
            jwks_uri: new.jwks_uri,
            assertion_alg: new.assertion_alg,
            grant_types,
            scopes: new.scopes,
            created: self.db.seconds(),
            management: None,
        };
        let id = client.id.clone();
        self.keep(&Kept { client, expires: None }, When::Absent).await?;
        Ok((id, secret))
    }
}

fn check(new: &NewClient) -> Result<(), OAuthError> {
    let public = new.auth_method == AuthMethod::None;
    for uri in &new.redirect_uris {
        redirect::check(uri, public).map_err(|why| OAuthError::new("invalid_redirect_uri", format!("{why}: {uri}")))?;
    }
    let by_key = new.auth_method == AuthMethod::PrivateKeyJwt;
    if by_key != (new.jwks.is_some() != new.jwks_uri.is_some()) || new.jwks.is_some() && new.jwks_uri.is_some() {
        return Err(bad("a client has either public keys or a URL of them exactly if it identifies itself by `private_key_jwt`"));
    }
    new.jwks.as_ref().map_or(Ok(()), check_keys)?;
    new.jwks_uri.as_deref().map_or(Ok(()), check_keys_uri)?;
    if new.assertion_alg.as_deref().is_some_and(|name| !by_key || JwsAlgorithm::parse(name).is_none()) {
        return Err(bad("the algorithm is none of `private_key_jwt`"));
    }
    if public && new.scopes.is_some() {
        return Err(bad("a client that does not identify itself holds no scopes of its own"));
    }
    if new.scopes.iter().flatten().all(|scope| mcp_core::is_scope_token(scope)) { Ok(()) } else { Err(bad("a scope is malformed")) }
}

#[cfg(test)]
#[path = "operator_tests.rs"]
mod tests;
