//! Assertions by which a client shows who it is (RFC 7523, section 2.2).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The kind of assertion.
pub(crate) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client's private key.
pub(crate) struct Signer(KeyPair);

impl Signer {
    /// A new key.
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).expect("a key"))
    }

    /// What the client publishes.
    pub(crate) fn jwks(&self) -> Value {
        let key = self.0.public_key();
        let (modulus, exponent) = (key.modulus(), key.exponent());
        let (modulus, exponent) = (encode(modulus.big_endian_without_leading_zero()), encode(exponent.big_endian_without_leading_zero()));
        json!({"keys": [{"kty": "RSA", "kid": "r1", "use": "sig", "alg": "RS256", "n": modulus, "e": exponent}]})
    }

    /// An assertion for an audience, of this time in seconds since 1970. Each is another one.
    pub(crate) fn assertion(&self, client: &str, audience: &str, now: u64, jti: usize) -> String {
        let claims =
            json!({"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 60, "jti": format!("{client} {now} {jti}")});
        let signed = format!("{}.{}", encode(br#"{"alg":"RS256","typ":"JWT","kid":"r1"}"#), encode(claims.to_string().as_bytes()));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("a signature");
        format!("{signed}.{}", encode(&signature))
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
