//! Keys, and tokens that are signed with them.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::encode;

/// A private key for ES256.
#[derive(Debug)]
pub struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    /// A new key with a name.
    ///
    /// # Panics
    /// When the operating system has no randomness.
    pub fn new(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key") }
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key (RFC 7518, section 6.2.1).
    pub fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256", "x": encode(x), "y": encode(y) })
    }

    /// The header of an access token (RFC 9068, section 2.1).
    pub fn header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": self.kid })
    }

    /// An access token.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    /// A token of any header and payload, well-formed or not.
    ///
    /// # Panics
    /// When the operating system has no randomness.
    pub fn sign(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(payload));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", encode(signature))
    }
}
