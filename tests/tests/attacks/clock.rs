//! A clock that goes where it is set, and what that does to tokens, caches and limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_auth::{Cached, Clock, Introspection, RateLimits};
use mcp_tests::issuer::{Issuer, TokenKind};

use super::bench::{Bench, RESOURCE, verifier};

/// A clock that stands, at first at the time at which it was made.
#[derive(Clone)]
pub(crate) struct Hand {
    began: u64,
    moved: Arc<AtomicI64>,
}

impl Hand {
    pub(crate) fn new() -> Self {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
        Self { began, moved: Arc::default() }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.began.saturating_add_signed(self.moved.load(Ordering::SeqCst))
    }

    pub(crate) fn clock(&self) -> Clock {
        let hand = self.clone();
        Clock::new(move || UNIX_EPOCH + Duration::from_secs(hand.now()))
    }

    /// Moves it by some seconds.
    pub(crate) fn turn(&self, seconds: i64) {
        self.moved.fetch_add(seconds, Ordering::SeqCst);
    }
}

const HOUR: i64 = 3_600;

#[tokio::test]
async fn attack_platform_clock_jumps_and_tokens() {
    let (issuer, hand) = (Issuer::start().await, Hand::new());
    let bench = Bench::new(issuer, verifier, &hand).await;
    let mut claims = bench.issuer.claims("ann", RESOURCE);
    claims["exp"] = (hand.now() + 1_800).into();
    let token = bench.issuer.token(&claims);
    bench.taken("now", &token).await;
    hand.turn(HOUR);
    bench.refused("an hour later", &token, "the token has expired").await;
    hand.turn(-HOUR);
    bench.taken("back again", &token).await;
    hand.turn(-HOUR);
    bench.refused("an hour before", &token, "the token was issued in the future").await;
    hand.turn(HOUR);
    bench.taken("back again", &token).await;
    // Keys that seem to be of the future are no reason to fetch without end, and neither to never fetch again.
    let before = bench.issuer.count("/jwks");
    bench.issuer.rotate_key();
    hand.turn(-HOUR);
    let mut early = bench.issuer.claims("ann", RESOURCE);
    (early["iat"], early["exp"]) = ((hand.now()).into(), (hand.now() + 2 * HOUR as u64).into());
    let early = bench.issuer.token(&early);
    bench.taken("by a new key", &early).await;
    assert_eq!(bench.issuer.count("/jwks"), before + 1);
    bench.end();
}

#[tokio::test]
async fn attack_platform_clock_jumps_and_caches() {
    let (issuer, hand) = (Issuer::issuing(TokenKind::Opaque).await, Hand::new());
    let bench = Bench::new(
        issuer,
        |issuer, hand| {
            let introspection = Introspection::new(Issuer::fetcher(), issuer.at("/introspect"), issuer.client_auth());
            Cached::new(introspection.issuer(issuer.url()).clock(hand.clock())).clock(hand.clock())
        },
        &hand,
    )
    .await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.taken("now", &token).await;
    assert_eq!(bench.issuer.count("/introspect"), 1);
    hand.turn(-HOUR);
    bench.taken("an hour before", &token).await;
    bench.issuer.revoke(&token);
    hand.turn(2 * HOUR);
    bench.refused("an hour later", &token, "the token is not active").await;
    assert_eq!(bench.issuer.count("/introspect"), 2);
    bench.end();
}

#[tokio::test]
async fn attack_platform_clock_jumps_and_limits() {
    let (issuer, hand) = (Issuer::start().await, Hand::new());
    let limits = Arc::new(RateLimits::new(hand.clock()).per_principal("2/min".parse().expect("a rate")));
    let bench = Bench::with(issuer, verifier, &hand, |_| (), move |builder| builder.limit(limits)).await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    let status = async || bench.ask(Some(&token), &[]).await.0.status;
    for (name, turn, expected) in [
        ("at first", 0, [200, 200, 429]),
        ("on time", 60, [200, 200, 429]),
        ("an hour later", HOUR - 60, [200, 200, 429]),
        ("an hour before", -HOUR, [429, 429, 429]),
        ("a minute after that", 60, [200, 200, 429]),
    ] {
        hand.turn(turn);
        assert_eq!([status().await, status().await, status().await], expected, "{name}");
    }
    bench.recorded("request", mcp_core::Verdict::Denied("rate limit"));
    bench.end();
}
