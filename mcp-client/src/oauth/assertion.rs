//! By which a client with a key proves who it is: a JWT that it signs (`private_key_jwt`; RFC 7523, sections 2.2 and 3).

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::client::{Client, ClientAuth};
use super::error::{OAuthError, Result};
use super::jwt::SigningKey;
use super::token::now;
use super::{OAuth, random};

/// How long the assertion of a client is good, in seconds.
const ASSERTED: u64 = 120;

/// The key of a client.
#[derive(Clone, Debug)]
pub(crate) enum ClientKey {
    Held(Arc<SigningKey>),
    /// It is read whenever it is needed, so that it can be replaced.
    File(PathBuf),
}

impl ClientKey {
    /// The file that a login remembers.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Held(_) => None,
            Self::File(path) => Some(path.clone()),
        }
    }
}

impl OAuth {
    /// By which a client proves who it is at an authorization server, if it signs.
    ///
    /// # Errors
    /// When it signs and its key is not there.
    pub(crate) async fn assertion(&self, client: &Client, issuer: &str) -> Result<Option<String>> {
        if client.auth != ClientAuth::PrivateKeyJwt {
            return Ok(None);
        }
        let file = client.key_file.clone().map(ClientKey::File);
        let key = match self.identity.key.clone().or(file) {
            Some(ClientKey::Held(key)) => key,
            Some(ClientKey::File(path)) => Arc::new(SigningKey::from_file(&path).await?),
            None => return Err(OAuthError::Key("the client proves who it is with a key, and it is not known where the key is")),
        };
        let claims = json!({
            "iss": client.id, "sub": client.id, "aud": issuer, "jti": random::token()?, "iat": now(), "exp": now() + ASSERTED,
        });
        key.sign(&json!({"typ": "JWT"}), &claims).map(Some)
    }
}
