//! Whether the upstream tells of all that somebody here waits to hear of.
//!
//! A client that asks to be told of changes is answered at once, while the upstream is asked in turn. What the client does next
//! must not change anything before that is done, or it would not hear of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// For how long calls wait for an upstream that does not say whether it tells of changes.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long no call waits then: one caller must not be able to slow the others with what the upstream is slow to answer.
const RECOVERY: Duration = Duration::from_secs(60);

/// How many times somebody here wanted to hear of more, and up to which of them the upstream was asked.
pub(crate) struct Tuned {
    wanted: AtomicU64,
    asked: AtomicU64,
    news: watch::Sender<()>,
    /// Until when no call waits.
    hurries_until: Mutex<Option<Instant>>,
}

impl Tuned {
    pub(crate) fn new() -> Self {
        Self { wanted: AtomicU64::new(0), asked: AtomicU64::new(0), news: watch::Sender::new(()), hurries_until: Mutex::default() }
    }

    /// Somebody wants to hear of more.
    pub(crate) fn want(&self) {
        self.wanted.fetch_add(1, Ordering::AcqRel);
    }

    /// How many times that was so.
    pub(crate) fn wanted(&self) -> u64 {
        self.wanted.load(Ordering::Acquire)
    }

    /// The upstream was asked for what was wanted up to this time, or cannot be.
    pub(crate) fn is_asked(&self, wanted: u64) {
        self.asked.fetch_max(wanted, Ordering::AcqRel);
        self.news.send_replace(());
    }

    /// Waits until the upstream was asked for everything that is wanted now.
    pub(crate) async fn caught_up(&self) {
        let wanted = self.wanted();
        if self.asked.load(Ordering::Acquire) >= wanted {
            return;
        }
        if self.hurries_until().is_some_and(|until| Instant::now() < until) {
            return;
        }
        let mut news = self.news.subscribe();
        // Without an answer in time, the call matters more.
        if timeout(PATIENCE, news.wait_for(|()| self.asked.load(Ordering::Acquire) >= wanted)).await.is_err() {
            *self.hurries_until() = Some(Instant::now() + RECOVERY);
        }
    }

    fn hurries_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.hurries_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_wait_for_what_was_wanted_before_them_only() {
        let tuned = Tuned::new();
        tuned.caught_up().await;
        tuned.want();
        let first = tuned.wanted();
        let mut waits = Box::pin(tuned.caught_up());
        assert!(is_pending(&mut waits), "the upstream was not asked yet");
        tuned.want();
        tuned.is_asked(first);
        waits.await;
        assert!(is_pending(&mut Box::pin(tuned.caught_up())), "the upstream was not asked for all yet");
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_that_does_not_answer_is_waited_for_once_in_a_while() {
        let tuned = Tuned::new();
        tuned.want();
        let begun = Instant::now();
        tuned.caught_up().await;
        assert_eq!(begun.elapsed(), PATIENCE);
        for _ in 0..10 {
            tuned.want();
            tuned.caught_up().await;
        }
        assert_eq!(begun.elapsed(), PATIENCE, "nobody waits any more");
        tokio::time::sleep(RECOVERY).await;
        assert!(is_pending(&mut Box::pin(tuned.caught_up())), "it may have recovered");
    }

    fn is_pending(future: &mut std::pin::Pin<Box<impl Future<Output = ()>>>) -> bool {
        future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
    }
}
