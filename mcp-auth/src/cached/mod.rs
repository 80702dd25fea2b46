//! Remembering for a short time what a provider said of a token.

mod flights;
#[cfg(test)]
mod tests;
mod weight;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use mcp_core::Principal;

use self::flights::Flights;
use crate::digest::{Sha256, sha256};
use crate::last_token::Recognised;
use crate::{AuthError, Bearer, Clock, Resource, VerifyToken};

/// What a provider said.
type Verdict = Result<Principal, AuthError>;

/// How long refusals are remembered at most: a token may become good, as when its issuer's keys are fetched again.
const REFUSAL_TTL: Duration = Duration::from_secs(10);

/// The longest time to live. Nothing sensible is longer, and it keeps times within bounds.
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// How many resources are told apart, so that a token can be forgotten for all of them. A server has a
/// few; verdicts for more are not remembered.
const MAX_RESOURCES: usize = 64;

/// Numbers for those that remember.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// Remembers what a verifier said of a token, under the SHA-256 digest of token and resource.
/// On a connection that presents the same token again the digest is not made again.
///
/// A principal is remembered for the time to live, or until it expires if that is sooner; a refusal for
/// 10 seconds at most; and not at all that a verifier is unavailable. Callers who ask for the same at
/// the same time share one question to the verifier.
///
/// A token that was revoked elsewhere is good until its entry expires; [`forget`](Self::forget) ends that on this instance.
pub struct Cached<V> {
    verifier: V,
    ttl: Duration,
    max_bytes: u64,
    clock: Clock,
    entries: moka::future::Cache<Sha256, Entry>,
    flights: Flights,
    resources: Mutex<Vec<String>>,
    /// How often something was forgotten: what was asked before must not be remembered after.
    forgotten: AtomicU64,
    /// What connections remember is from a generation, and good only in that one.
    generation: AtomicU64,
    /// Tells it apart from others in the process.
    number: u64,
}

#[derive(Clone)]
struct Entry {
    verdict: Verdict,
    until: SystemTime,
}

impl<V> fmt::Debug for Cached<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.entry_count();
        f.debug_struct("Cached")
            .field("ttl", &self.ttl)
            .field("max_bytes", &self.max_bytes)
            .field("entries", &entries)
            .finish_non_exhaustive()
    }
}

impl<V: VerifyToken> Cached<V> {
    /// Remembers what `verifier` says for 60 seconds, in 32 MiB.
    pub fn new(verifier: V) -> Self {
        let (ttl, max_bytes) = (Duration::from_secs(60), 32 * 1_024 * 1_024);
        Self {
            verifier,
            ttl,
            max_bytes,
            clock: Clock::default(),
            entries: entries(ttl, max_bytes),
            flights: Flights::default(),
            resources: Mutex::default(),
            forgotten: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// How long a principal is remembered, at most a day.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl.min(MAX_TTL);
        self.entries = entries(self.ttl, self.max_bytes);
        self
    }

    /// How much memory the entries take, in bytes; the least used ones make way. It is an estimate.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self.entries = entries(self.ttl, self.max_bytes);
        self
    }

    /// Replaces the clock by which entries expire.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Forgets what was said of a token, as it must be when the token is revoked: the next caller with it is
    /// looked at anew, also if somebody is asking about it now.
    pub async fn forget(&self, token: Bearer<'_>) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        let resources = self.resources.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for resource in resources {
            let key = key(token, &resource);
            self.flights.abandon(&key);
            self.entries.invalidate(&key).await;
        }
        self.forget_on_connections();
    }

    /// Lets no connection recognise a token before it was looked up again: it may have noted an entry that was about to go.
    fn forget_on_connections(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// What is remembered, if it is still good.
    async fn remembered(&self, key: &Sha256) -> Option<Entry> {
        let entry = self.entries.get(key).await?;
        (self.clock.now() < entry.until).then_some(entry)
    }

    /// What is remembered of the last token of the connection, if it is this one.
    fn recognised(&self, token: Bearer<'_>, resource: &Resource) -> Option<Verdict> {
        let generation = self.generation.load(Ordering::SeqCst);
        token.last()?.recognise(self.number, generation, token.expose(), resource.as_str(), self.clock.now()).map(Ok)
    }

    /// Notes for the connection what is remembered; `generation` is from before it was looked up.
    fn recognise_next_time(&self, token: Bearer<'_>, resource: &Resource, key: &Sha256, entry: &Entry, generation: u64) {
        if let (Some(last), Ok(principal)) = (token.last(), &entry.verdict)
            && last.comes_again(token.expose(), key)
        {
            // Never longer than the time to live, whatever the clock is set to meanwhile.
            let left = entry.until.duration_since(self.clock.now()).unwrap_or_default().min(self.ttl);
            last.remember(Recognised {
                by: self.number,
                generation,
                token: token.expose().into(),
                resource: resource.as_str().into(),
                principal: principal.unshared(),
                until: entry.until,
                deadline: Instant::now() + left,
            });
        }
    }

    /// Asks the verifier, and remembers what it says.
    async fn ask(&self, key: Sha256, token: Bearer<'_>, resource: &Resource) -> Verdict {
        // Somebody may have asked between our look and our turn.
        if let Some(entry) = self.remembered(&key).await {
            return entry.verdict;
        }
        let (begun, forgotten) = (self.clock.now(), self.forgotten.load(Ordering::SeqCst));
        let known = self.knows(resource.as_str());
        let verdict = self.verifier.verify(token, resource).await;
        if let Some(until) = self.remember_until(&verdict, begun).filter(|until| known && begun < *until) {
            self.entries.insert(key, Entry { verdict: verdict.clone(), until }).await;
            if self.forgotten.load(Ordering::SeqCst) != forgotten {
                self.entries.invalidate(&key).await;
                self.forget_on_connections();
            }
        }
        verdict
    }

    /// Until when a verdict is remembered that was asked for at `begun`; `None` if it is not.
    fn remember_until(&self, verdict: &Verdict, begun: SystemTime) -> Option<SystemTime> {
        match verdict {
            Ok(principal) => {
                let until = begun.checked_add(self.ttl)?;
                Some(principal.expires_at().map_or(until, |expiry| expiry.min(until)))
            }
            Err(AuthError::Invalid { .. } | AuthError::NotMine) => begun.checked_add(self.ttl.min(REFUSAL_TTL)),
            Err(_) => None,
        }
    }

    /// Notes a resource; `false` if there are too many.
    fn knows(&self, resource: &str) -> bool {
        let mut resources = self.resources.lock().unwrap_or_else(PoisonError::into_inner);
        if resources.iter().any(|known| known == resource) {
            return true;
        }
        let room = resources.len() < MAX_RESOURCES;
        if room {
            resources.push(resource.to_owned());
        }
        room
    }
}

#[async_trait]
impl<V: VerifyToken> VerifyToken for Cached<V> {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        if let Some(verdict) = self.recognised(token, resource) {
            return verdict;
        }
        let (key, generation) = (key(token, resource.as_str()), self.generation.load(Ordering::SeqCst));
        if let Some(entry) = self.remembered(&key).await {
            self.recognise_next_time(token, resource, &key, &entry, generation);
            return entry.verdict;
        }
        let flight = self.flights.join(key);
        flight.verdict(|| self.ask(key, token, resource)).await
    }

    fn issuers(&self) -> Vec<String> {
        self.verifier.issuers()
    }
}

/// What an entry is kept under. No token holds a zero byte, so the two cannot run into each other.
fn key(token: Bearer<'_>, resource: &str) -> Sha256 {
    sha256(&[token.expose().as_bytes(), &[0], resource.as_bytes()])
}

/// The store. Its own time to live only frees memory; whether an entry is good is decided by [`Entry::until`].
fn entries(ttl: Duration, max_bytes: u64) -> moka::future::Cache<Sha256, Entry> {
    let weigh = |_: &Sha256, entry: &Entry| weight::of(&entry.verdict);
    moka::future::Cache::builder().time_to_live(ttl).max_capacity(max_bytes).weigher(weigh).build()
}
