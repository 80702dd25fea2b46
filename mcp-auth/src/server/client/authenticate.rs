//! Who a client is, at the token endpoint and its kin (OAuth 2.1, section 2.4; RFC 7523).

use mcp_store::{Kind, When};
use serde::{Deserialize, Serialize};

use super::assertion::{self, SKEW};
use super::clients::Clients;
use super::credentials::{Credentials, Proof};
use super::keys::NoKeys;
use super::{AuthMethod, Client};
use crate::jwt::SignedJwt;
use crate::server::db::{Owners, Row};
use crate::server::error::OAuthError;
use crate::server::http::{Asked, Params};
use crate::server::secrets::same;

/// An assertion that was used.
#[derive(Serialize, Deserialize)]
struct Used;

impl Row for Used {
    const KIND: Kind = Kind::from_static("replay");
}

/// As long as the hash of a secret, and that of none.
const NO_HASH: &str = "----------------------------------------------------------------";

impl Clients {
    /// The client that a request is of, once it has shown who it is in the way that it registered.
    ///
    /// # Errors
    /// `invalid_request` when it identifies itself in two ways or says a parameter twice; `invalid_client`, in the same words
    /// whether it is unknown or wrong; `slow_down` with status 429 after too many failures; and when it cannot be found out now.
    pub(crate) async fn authenticate(&self, asked: &Asked, form: &Params) -> Result<Client, OAuthError> {
        let credentials = Credentials::read(asked, form)?;
        let refusal = OAuthError::invalid_client(credentials.basic);
        let (id, proof) = match (credentials.id, credentials.proof) {
            (Some(id), Proof::Nothing) => {
                let client = self.client(&id).await?;
                return client.filter(|client| client.auth_methods.contains(&AuthMethod::None)).ok_or(refusal);
            }
            (Some(id), proof) => (id, proof),
            (None, Proof::Assertion(assertion)) => {
                let id = SignedJwt::parse(&assertion).and_then(|jwt| assertion::client_of(&jwt)).ok_or(refusal.clone())?;
                (id, Proof::Assertion(assertion))
            }
            (None, _) => return Err(refusal),
        };
        self.check_failures(&id, asked.peer).await?;
        let client = match proof {
            Proof::Nothing => None,
            Proof::Secret(method, secret) => self.by_secret(&id, method, &secret).await?,
            Proof::Assertion(assertion) => self.by_assertion(&id, &assertion).await?,
        };
        if client.is_none() {
            self.count_failure(&id, asked.peer).await?;
        }
        client.ok_or(refusal)
    }

    /// A client by its id; one whose document is none is unknown here.
    async fn client(&self, id: &str) -> Result<Option<Client>, OAuthError> {
        match self.find(id).await {
            Err(error) if error.status.is_client_error() => Ok(None),
            found => found,
        }
    }

    async fn by_secret(&self, id: &str, method: AuthMethod, secret: &str) -> Result<Option<Client>, OAuthError> {
        let hash = self.db.secrets().id_of(secret);
        let client = self.client(id).await?;
        // A secret is hashed and compared once, whether there is one to compare it with or not.
        let kept = client.as_ref().and_then(|client| client.secret.as_deref());
        let own = same(kept.unwrap_or(NO_HASH), &hash) && kept.is_some();
        Ok(client.filter(|client| own && client.auth_methods.contains(&method)))
    }

    async fn by_assertion(&self, id: &str, text: &str) -> Result<Option<Client>, OAuthError> {
        let refuse = |why: &str| {
            tracing::debug!(client = ?id, why, "the assertion of a client is refused");
            Ok(None)
        };
        let Some(jwt) = SignedJwt::parse(text) else { return refuse("it is no JWT that a private key signed") };
        let by_key = |client: &Client| client.auth_methods.contains(&AuthMethod::PrivateKeyJwt);
        let Some(client) = self.client(id).await?.filter(by_key) else { return refuse("there is no such client") };
        let audiences = [self.settings.issuer.as_str(), self.settings.token_endpoint.as_str()];
        let single = match assertion::check(&jwt, &client, audiences, self.db.seconds()) {
            Ok(single) => single,
            Err(why) => return refuse(why),
        };
        match self.keys.signed(&client, &jwt).await {
            Ok(true) => {}
            Ok(false) => return refuse("the signature does not verify"),
            // It could as well have come without an assertion, and nobody would have asked for one.
            Err(NoKeys) if client.auth_methods.contains(&AuthMethod::None) => {
                tracing::warn!(client = id, "the keys of a client cannot be fetched; it is taken as one without");
            }
            Err(NoKeys) => return Err(OAuthError::unavailable()),
        }
        let name = self.db.secrets().id_of(&format!("{}:{id}{}", id.len(), single.jti));
        let until = mcp_store::Time::from_millis((single.expires + SKEW) * 1_000);
        // It is nobody's, so that it is not forgotten when what the client was given is taken back.
        let owners = Owners { expires: Some(until), ..Owners::default() };
        if !self.db.apply(vec![self.db.put(&name, &Used, owners, When::Absent)]).await? {
            return refuse("it was used before");
        }
        Ok(Some(client))
    }
}

#[cfg(test)]
#[path = "authenticate_tests.rs"]
mod tests;
