//! An authorization server of which there is nothing but its documents, and tokens as it would sign them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_auth::{JwtIssuer, JwtVerifier};
use serde_json::{Value, json};

use super::{RESOURCE, Web};

/// The identifier of the issuer.
pub const ISSUER: &str = "https://issuer.example";

/// An issuer with one key.
#[derive(Debug)]
pub struct Issuer {
    /// What signs its tokens.
    pub signer: Signer,
    /// Where its documents are.
    pub web: Arc<Web>,
}

impl Default for Issuer {
    /// An issuer that can be discovered.
    fn default() -> Self {
        let (signer, web) = (Signer::new("one"), Arc::new(Web::default()));
        let metadata = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys")});
        web.put(&format!("{ISSUER}/.well-known/oauth-authorization-server"), &metadata);
        web.put(&format!("{ISSUER}/keys"), &json!({"keys": [signer.jwk()]}));
        Self { signer, web }
    }
}

impl Issuer {
    /// A provider that trusts it.
    ///
    /// # Panics
    /// Never: the issuer is a URL.
    pub fn verifier(&self) -> JwtVerifier {
        JwtVerifier::new(self.web.clone()).issuer(JwtIssuer::new(ISSUER).expect("a URL"))
    }

    /// A good token with changes.
    pub fn token(&self, changes: Value) -> String {
        self.signer.token(&claims_with(changes))
    }
}

/// A private key on P-256 with a name.
pub struct Signer {
    kid: &'static str,
    pair: EcdsaKeyPair,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Signer {
    /// A new key.
    ///
    /// # Panics
    /// When the system has no random numbers.
    pub fn new(kid: &'static str) -> Self {
        Self { kid, pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key") }
    }

    /// The public key, as an issuer publishes it.
    pub fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "x": encode(x), "y": encode(y)})
    }

    /// An access token.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&json!({"alg": "ES256", "kid": self.kid, "typ": "at+jwt"}), claims)
    }

    /// A token with any header.
    ///
    /// # Panics
    /// When the system has no random numbers.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", encode(signature))
    }
}

/// The claims of a good token: Ann may read, for ten minutes.
pub fn claims() -> Value {
    let now = now();
    json!({"iss": ISSUER, "sub": "ann", "aud": RESOURCE, "client_id": "app", "scope": "mcp:read", "iat": now, "exp": now + 600})
}

/// The same with changes; `null` removes a claim.
///
/// # Panics
/// When the changes are no object.
pub fn claims_with(changes: Value) -> Value {
    let (mut claims, Value::Object(changes)) = (claims(), changes) else { panic!("changes are an object") };
    for (name, value) in changes {
        claims[&name] = value;
    }
    let members = claims.as_object_mut().expect("claims are an object");
    members.retain(|_, value| !value.is_null());
    claims
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
