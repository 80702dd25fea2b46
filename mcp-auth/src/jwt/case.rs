//! A verifier whose issuers are in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use mcp_core::Principal;
use serde_json::{Value, json};

use super::{JwtIssuer, JwtVerifier};
use crate::fetch::fake::Fake;
use crate::{AuthError, Bearer, Clock, Resource, VerifyToken};

pub(super) const NOW: u64 = 1_700_000_000;
pub(super) const A: &str = "https://a.example";
pub(super) const A_KEYS: &str = "https://a.example/jwks";
pub(super) const B: &str = "https://b.example";
pub(super) const B_KEYS: &str = "https://b.example/jwks";
pub(super) const SIGNATURE: &str = "the signature of the token does not verify";

/// A verifier that trusts A and B, whose keys are in memory.
pub(super) struct Case {
    pub(super) fake: Arc<Fake>,
    pub(super) seconds: Arc<AtomicU64>,
    pub(super) verifier: JwtVerifier,
    pub(super) resource: Resource,
}

impl Case {
    pub(super) fn new(keys: &[Value]) -> Self {
        let fake = Fake::new();
        let seconds = Arc::new(AtomicU64::new(NOW));
        let now = seconds.clone();
        let issuer = |name: &str, uri: &str| JwtIssuer::new(name).expect("an issuer").jwks_uri(uri);
        let verifier = JwtVerifier::new(fake.clone())
            .issuer(issuer(A, A_KEYS))
            .issuer(issuer(B, B_KEYS))
            .clock(Clock::new(move || UNIX_EPOCH + Duration::from_secs(now.load(Ordering::SeqCst))));
        let case = Self { fake, seconds, verifier, resource: Resource::parse("https://mcp.example.com/mcp").expect("a URL") };
        case.publish(A_KEYS, keys);
        case
    }

    pub(super) fn publish(&self, uri: &str, keys: &[Value]) {
        self.fake.put(uri, json!({ "keys": keys }).to_string());
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) async fn verify(&self, token: &str) -> Result<Principal, AuthError> {
        self.verifier.verify(Bearer::parse(token)?, &self.resource).await
    }

    pub(super) async fn check(&self, name: &str, token: &str, verdict: Result<(), AuthError>) {
        assert_eq!(self.verify(token).await.map(drop), verdict, "{name}");
    }

    pub(super) fn fetches(&self) -> usize {
        self.fake.asked().len()
    }
}

pub(super) fn claims() -> Value {
    json!({ "iss": A, "aud": "https://mcp.example.com/mcp", "sub": "dee", "client_id": "cli", "exp": NOW + 100_000, "iat": NOW })
}

pub(super) const fn invalid(reason: &'static str) -> Result<(), AuthError> {
    Err(AuthError::invalid(reason))
}
