//! A client that proves who it is with a key.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A key on P-256.
#[derive(Debug)]
pub struct Keyed {
    /// The private key, PKCS #8 in PEM.
    pub pem: String,
    /// The public half, as an operator or a document writes it down.
    pub jwk: Value,
}

impl Keyed {
    /// A new key.
    ///
    /// # Panics
    /// When the system has no randomness.
    pub fn generate() -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key");
        let point = pair.public_key().as_ref();
        let coordinate = |at: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[at]);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
        let (x, y) = (coordinate(1..33), coordinate(33..65));
        Self { pem, jwk: json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": x, "y": y}) }
    }

    /// The client ID metadata document of a native client with this key, that is published at `url`.
    pub fn document(&self, url: &str) -> Value {
        json!({
            "client_id": url,
            "client_name": "Keyed client",
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [self.jwk]},
        })
    }
}
