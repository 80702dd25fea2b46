//! ID tokens (OpenID Connect Core 1.0, section 2), right ones and wrong ones.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::Misbehaviour;
use super::grants::Grant;
use super::state::{State, encode, random};
use crate::loopback::lock;

/// A key for ES256.
#[derive(Debug)]
pub(super) struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub(super) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the operating system has randomness");
        Self { kid: random(6), pair }
    }

    /// The public key (RFC 7518, section 6.2.1).
    pub(super) fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256", "x": encode(x), "y": encode(y) })
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid });
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("the operating system has randomness");
        format!("{signed}.{}", encode(signature))
    }
}

/// The ID token that goes with an access token.
pub(super) fn issue(state: &State, grant: &Grant, access_token: &str) -> String {
    let claims = claims(state, grant, access_token);
    if state.does(Misbehaviour::AlgNone) {
        return format!("{}.{}.", encode(json!({ "alg": "none", "typ": "JWT" }).to_string()), encode(claims.to_string()));
    }
    let unpublished = state.does(Misbehaviour::UnknownKey).then(Key::new);
    let inner = lock(&state.inner);
    unpublished.as_ref().unwrap_or(&inner.key).sign(&claims)
}

fn claims(state: &State, grant: &Grant, access_token: &str) -> Value {
    let does = |wrong| state.does(wrong);
    let now = state.now();
    let issued = if does(Misbehaviour::Expired) { now - 7_200 } else { now };
    let hash = digest(&SHA256, access_token.as_bytes());
    let mut claims = json!({
        "iss": if does(Misbehaviour::WrongIssuer) { "https://other.example" } else { &state.url },
        "sub": grant.user.subject,
        "aud": if does(Misbehaviour::WrongAudience) { "another-client" } else { &state.client_id },
        "iat": issued,
        "auth_time": issued,
        "exp": issued + 3_600,
        "at_hash": encode(&hash.as_ref()[..16]),
    });
    if let Some(nonce) = grant.nonce.as_ref().filter(|_| !does(Misbehaviour::NoNonce)) {
        claims["nonce"] = if does(Misbehaviour::WrongNonce) { random(8).into() } else { nonce.as_str().into() };
    }
    if does(Misbehaviour::OtherAuthorizedParty) {
        (claims["aud"], claims["azp"]) = (json!([state.client_id, "another-client"]), "another-client".into());
    }
    about(grant, &mut claims);
    claims
}

/// Adds what the scopes let the client know (section 5.4).
pub(super) fn about(grant: &Grant, claims: &mut Value) {
    let user = &grant.user;
    if grant.has_scope("profile") {
        (claims["name"], claims["preferred_username"]) = (user.name.as_str().into(), user.login.as_str().into());
    }
    if let Some(email) = user.email.as_deref().filter(|_| grant.has_scope("email")) {
        (claims["email"], claims["email_verified"]) = (email.into(), user.email_verified.into());
    }
    if !user.groups.is_empty() {
        claims["groups"] = json!(user.groups);
    }
}
