//! What is remembered, for how long, and by how many questions.

mod last;
mod shared;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::UNIX_EPOCH;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::*;
use crate::fakes::clock;

const NOW: u64 = 1_000;

/// Says the same of every token, and counts how often it is asked. It answers when it has a permit.
struct Slow {
    verdict: Verdict,
    asked: AtomicUsize,
    permits: Semaphore,
}

#[derive(Clone)]
struct Shared(Arc<Slow>);

#[async_trait]
impl VerifyToken for Shared {
    async fn verify(&self, _: Bearer<'_>, _: &Resource) -> Verdict {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        self.0.permits.acquire().await.expect("never closed").forget();
        self.0.verdict.clone()
    }
}

impl Shared {
    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    async fn until_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::task::yield_now().await;
        }
    }
}

fn slow(verdict: Verdict, permits: usize) -> Shared {
    Shared(Arc::new(Slow { verdict, asked: AtomicUsize::new(0), permits: Semaphore::new(permits) }))
}

fn alice() -> Principal {
    Principal::new("alice")
}

fn resource(path: &str) -> Resource {
    Resource::parse(&format!("https://mcp.example.com/{path}")).expect("a URL")
}

async fn ask(cached: &Cached<Shared>, token: &str) -> Verdict {
    cached.verify(Bearer::parse(token).expect("a token"), &resource("mcp")).await
}

/// A caller with the token `a`, who can be cancelled.
fn spawn(cached: &Arc<Cached<Shared>>) -> JoinHandle<Verdict> {
    let cached = Arc::clone(cached);
    tokio::spawn(async move { ask(&cached, "a").await })
}

#[tokio::test]
async fn verdicts_are_remembered_as_long_as_they_may() {
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    for (verdict, seconds) in [
        (Ok(alice()), 60),
        (Ok(alice().with_expiry(at(NOW + 7))), 7),
        (Ok(alice().with_expiry(at(NOW + 600))), 60),
        (Ok(alice().with_expiry(at(NOW))), 0),
        (Err(AuthError::invalid("wrong")), 10),
        (Err(AuthError::NotMine), 10),
        (Err(AuthError::NotAdmitted), 0),
        (Err(AuthError::Unavailable { retry_after: Duration::from_secs(5) }), 0),
    ] {
        let (time, clock) = clock(NOW);
        let verifier = slow(verdict.clone(), 10);
        let cached = Cached::new(verifier.clone()).clock(clock);
        assert_eq!(ask(&cached, "a").await, verdict);
        time.store(NOW + seconds.max(1) - 1, Ordering::SeqCst);
        assert_eq!(ask(&cached, "a").await, verdict);
        let fresh = verifier.asked();
        assert_eq!(fresh, if seconds == 0 { 2 } else { 1 }, "{verdict:?}");
        time.store(NOW + seconds, Ordering::SeqCst);
        assert_eq!(ask(&cached, "a").await, verdict);
        assert_eq!(verifier.asked(), fresh + 1, "{verdict:?}");
        assert!(cached.flights.is_empty());
    }
}

#[tokio::test]
async fn token_and_resource_make_the_entry() {
    let verifier = slow(Ok(alice()), 10);
    let cached = Cached::new(verifier.clone());
    for (token, path, asked) in [("a", "mcp", 1), ("a", "mcp", 1), ("b", "mcp", 2), ("a", "other", 3), ("a", "mcp", 3), ("b", "mcp", 3)] {
        let token = Bearer::parse(token).expect("a token");
        cached.verify(token, &resource(path)).await.expect("alice");
        assert_eq!(verifier.asked(), asked, "{path}");
    }
}

#[tokio::test]
async fn a_forgotten_token_is_looked_at_anew() {
    let verifier = slow(Ok(alice()), 10);
    let cached = Cached::new(verifier.clone());
    let (token, other) = (Bearer::parse("a").expect("a token"), Bearer::parse("b").expect("a token"));
    for path in ["one", "two"] {
        cached.verify(token, &resource(path)).await.expect("alice");
        cached.verify(other, &resource(path)).await.expect("alice");
    }
    cached.forget(token).await;
    assert_eq!(verifier.asked(), 4);
    for path in ["one", "two"] {
        cached.verify(other, &resource(path)).await.expect("alice");
    }
    assert_eq!(verifier.asked(), 4);
    for path in ["one", "two"] {
        cached.verify(token, &resource(path)).await.expect("alice");
    }
    assert_eq!(verifier.asked(), 6);
}

#[tokio::test]
async fn many_tokens_and_resources_stay_within_bounds() {
    const MAX_BYTES: u64 = 4 * 1_024 * 1_024;
    let verifier = slow(Ok(alice()), 1_000_000);
    let cached = Cached::new(verifier.clone()).max_bytes(MAX_BYTES);
    let mut most = 0;
    for number in 0..100_000 {
        ask(&cached, &format!("token{number}")).await.expect("alice");
        if number % 1_000 == 0 {
            most = most.max(cached.entries.iter().count());
        }
    }
    cached.entries.run_pending_tasks().await;
    // The store makes room some hundred entries later, never thousands.
    let each = u64::from(weight::of(&Ok(alice())));
    let room = usize::try_from(MAX_BYTES / each).expect("small");
    assert!(most <= room + 1_000, "{most} entries in room for {room}");
    assert!(cached.entries.weighted_size() <= MAX_BYTES && cached.entries.iter().count() <= room);
    assert!(cached.entries.iter().count() > room / 2, "it remembers something");

    for number in 0..1_000 {
        cached.verify(Bearer::parse("a").expect("a token"), &resource(&format!("{number}"))).await.expect("alice");
    }
    assert_eq!(cached.resources.lock().expect("no panic").len(), MAX_RESOURCES);
    assert!(cached.flights.is_empty());
}

#[tokio::test]
async fn no_time_to_live_remembers_nothing_and_a_huge_one_is_a_day() {
    let verifier = slow(Ok(alice()), 10);
    let cached = Cached::new(verifier.clone()).ttl(Duration::ZERO);
    for asked in 1..=2 {
        ask(&cached, "a").await.expect("alice");
        assert_eq!(verifier.asked(), asked);
    }
    let cached = cached.ttl(Duration::MAX);
    assert_eq!(cached.ttl, MAX_TTL);
    ask(&cached, "hush").await.expect("alice");
    assert!(!format!("{cached:?}").contains("hush"));
}
