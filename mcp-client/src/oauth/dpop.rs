//! Tokens that only the holder of a key can use (RFC 9449).

use std::sync::{Mutex, PoisonError};

use serde_json::json;
use url::Url;

use super::error::Result;
use super::jwt::SigningKey;
use super::random;
use super::token::now;

/// Longest nonce that is sent back.
const LONGEST_NONCE: usize = 1_024;

/// Makes proofs with one key.
#[derive(Debug)]
pub(crate) struct Proofs {
    key: SigningKey,
    /// What the authorization server wants in the next proof.
    server: Mutex<Option<String>>,
    /// What the resource wants in the next proof.
    resource: Mutex<Option<String>>,
}

impl Proofs {
    pub(crate) fn new(key: SigningKey) -> Self {
        Self { key, server: Mutex::default(), resource: Mutex::default() }
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The proof for a request to the token endpoint.
    pub(crate) fn for_server(&self, endpoint: &Url) -> Result<String> {
        self.proof("POST", endpoint.clone(), None, &self.server)
    }

    /// The proof for a request with an access token.
    pub(crate) fn for_resource(&self, method: &str, url: Url, token: &str) -> Result<String> {
        self.proof(method, url, Some(token), &self.resource)
    }

    pub(crate) fn server_nonce(&self, nonce: &str) {
        keep(&self.server, nonce);
    }

    /// Whether the nonce is another one than before, so that asking again makes sense.
    pub(crate) fn resource_nonce(&self, nonce: &str) -> bool {
        keep(&self.resource, nonce)
    }

    fn proof(&self, method: &str, mut url: Url, token: Option<&str>, nonce: &Mutex<Option<String>>) -> Result<String> {
        url.set_query(None);
        url.set_fragment(None);
        let header = json!({"typ": "dpop+jwt", "jwk": self.key.public()});
        let mut claims = json!({"jti": random::token()?, "htm": method, "htu": url.as_str(), "iat": now()});
        if let Some(token) = token {
            claims["ath"] = random::encode(random::sha256(token).as_ref()).into();
        }
        if let Some(nonce) = nonce.lock().unwrap_or_else(PoisonError::into_inner).as_deref() {
            claims["nonce"] = nonce.into();
        }
        self.key.sign(&header, &claims)
    }
}

fn keep(slot: &Mutex<Option<String>>, nonce: &str) -> bool {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if nonce.len() > LONGEST_NONCE || slot.as_deref() == Some(nonce) {
        return false;
    }
    *slot = Some(nonce.to_owned());
    true
}
