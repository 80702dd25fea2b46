//! Tokens that were good a moment ago, and tokens that many bring at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use mcp_auth::{AuthError, Bearer, Cached, Introspection, Principal, Resource, VerifyToken};
use mcp_core::Verdict;
use mcp_tests::client::until;
use mcp_tests::issuer::{Issuer, TokenKind};
use serde_json::json;

use super::bench::{Bench, RESOURCE};
use super::clock::Hand;

/// A verifier that others hold too.
#[derive(Debug)]
struct Shared<V>(Arc<V>);

#[async_trait]
impl<V: VerifyToken> VerifyToken for Shared<V> {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        self.0.verify(token, resource).await
    }

    fn issuers(&self) -> Vec<String> {
        self.0.issuers()
    }
}

fn introspection(issuer: &Issuer, hand: &Hand) -> Introspection {
    Introspection::new(Issuer::fetcher(), issuer.at("/introspect"), issuer.client_auth()).issuer(issuer.url()).clock(hand.clock())
}

#[tokio::test]
async fn attack_tokens_revoked_but_cached() {
    const INACTIVE: &str = "the token is not active";
    let (issuer, hand) = (Issuer::issuing(TokenKind::Opaque).await, Hand::new());
    let cached = Arc::new(Cached::new(introspection(&issuer, &hand)).clock(hand.clock()));
    let provider = Shared(Arc::clone(&cached));
    let bench = Bench::new(issuer, |_, _| provider, &hand).await;
    let tokens = [(); 2].map(|()| bench.issuer.token(&bench.issuer.claims("ann", RESOURCE)));
    for token in &tokens {
        bench.taken("good", token).await;
        bench.issuer.revoke(token);
        bench.taken("revoked elsewhere, and remembered", token).await;
    }
    assert_eq!(bench.issuer.count("/introspect"), 2);
    cached.forget(Bearer::parse(&tokens[0]).expect("a token")).await;
    bench.refused("revoked here", &tokens[0], INACTIVE).await;
    hand.turn(59);
    bench.taken("revoked elsewhere, and still remembered", &tokens[1]).await;
    hand.turn(1);
    bench.refused("remembered for long enough", &tokens[1], INACTIVE).await;
    assert_eq!(bench.issuer.count("/introspect"), 4);
    bench.end();
}

#[tokio::test]
async fn attack_tokens_introspected() {
    let (issuer, hand) = (Issuer::issuing(TokenKind::Opaque).await, Hand::new());
    let bench = Bench::new(issuer, introspection, &hand).await;
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = bench.issuer.claims("ann", RESOURCE);
        claims[name] = value;
        bench.issuer.token(&claims)
    };
    bench.taken("good", &with("token_type", json!("bearer"))).await;
    for (name, value, reason) in [
        ("active", json!(false), "the token is not active"),
        ("aud", json!("https://mcp.example.com/mcp-other"), "the token is meant for another resource"),
        ("aud", json!(null), "the token names no audience"),
        ("token_type", json!("DPoP"), "the token is not a bearer access token"),
        ("token_use", json!("refresh_token"), "the token is not a bearer access token"),
        ("typ", json!("Refresh"), "the token is not a bearer access token"),
        ("cnf", json!({ "jkt": "x" }), "the token is bound to a key and was sent as a bearer token"),
    ] {
        bench.refused(name, &with(name, value), reason).await;
    }
    for (name, value) in
        [("iss", json!("https://other.example")), ("exp", json!(hand.now() - 100)), ("exp", json!("soon")), ("sub", json!(""))]
    {
        let (head, body) = bench.ask(Some(&with(name, value.clone())), &[]).await;
        assert_eq!(head.status, 401, "{name} {value}: {body}");
    }
    // The issuer knows this server by a secret; one that has changed is no reason to send callers away.
    for active in [json!("true"), json!(1), json!(null)] {
        bench.unavailable("no answer", &with("active", active), 5).await;
    }
    bench.end();
}

/// Counts who came to ask.
#[derive(Debug)]
struct Counting<V> {
    verifier: V,
    came: Arc<AtomicUsize>,
}

#[async_trait]
impl<V: VerifyToken> VerifyToken for Counting<V> {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        self.came.fetch_add(1, Ordering::SeqCst);
        self.verifier.verify(token, resource).await
    }
}

#[tokio::test]
async fn attack_tokens_stampede() {
    let (issuer, hand, came) = (Issuer::issuing(TokenKind::Opaque).await, Hand::new(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&came);
    let provider = |issuer: &Issuer, hand: &Hand| Counting { verifier: Cached::new(introspection(issuer, hand)), came: counter };
    let bench = Arc::new(Bench::new(issuer, provider, &hand).await);
    for (token, status, verdict) in [
        (bench.issuer.token(&bench.issuer.claims("ann", RESOURCE)), 200, Verdict::Succeeded),
        ("nobody-issued-this".to_owned(), 401, Verdict::Denied("the token is not active")),
    ] {
        let (before, asked_before) = (came.load(Ordering::SeqCst), bench.issuer.count("/introspect"));
        bench.issuer.hold();
        let asking: Vec<_> = (0..16)
            .map(|_| {
                let (bench, token) = (Arc::clone(&bench), token.clone());
                tokio::spawn(async move { bench.ask(Some(&token), &[]).await.0.status })
            })
            .collect();
        until("all sixteen wait", || came.load(Ordering::SeqCst) == before + 16).await;
        until("the issuer is asked", || bench.issuer.count("/introspect") == asked_before + 1).await;
        bench.issuer.release();
        for answered in asking {
            assert_eq!(answered.await.expect("no panic"), status);
        }
        assert_eq!(bench.issuer.count("/introspect"), asked_before + 1);
        assert_eq!(bench.times_recorded(verdict), 16, "each of them is recorded");
    }
    bench.end();
}
