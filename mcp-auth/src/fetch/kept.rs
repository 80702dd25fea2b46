//! A document that is fetched when it is needed, kept, and fetched again: not too often, and once for all who wait.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::{AuthError, Clock};

/// How long nothing is fetched after an attempt, whether it succeeded or not.
pub(crate) const COOL_DOWN: Duration = Duration::from_secs(30);
/// How long a caller waits for a document. The attempt goes on without it.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long one attempt may take, all its requests together.
const ATTEMPT: Duration = Duration::from_secs(60);

/// How long a document is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ages {
    /// From this age on it is fetched anew, and used until that succeeds.
    pub(crate) stale: Duration,
    /// From this age on it is not used.
    pub(crate) dead: Duration,
}

type Attempt<T> = Pin<Box<dyn Future<Output = Option<T>> + Send>>;

/// A document that is kept.
pub(crate) struct Kept<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    clock: Clock,
    ages: Ages,
    source: Box<dyn Fn() -> Attempt<T> + Send + Sync>,
    state: Mutex<State<T>>,
}

struct State<T> {
    document: Option<(Arc<T>, SystemTime)>,
    /// When the last attempt began, and whether it failed.
    attempted: Option<SystemTime>,
    failed: bool,
    /// Closes when the attempt under way ends.
    flight: Option<watch::Receiver<()>>,
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// A document that `source` fetches, or not; nothing is fetched yet.
    pub(crate) fn new<F>(clock: Clock, ages: Ages, source: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        let source = Box::new(move || Box::pin(source()) as Attempt<T>);
        let state = Mutex::new(State { document: None, attempted: None, failed: false, flight: None });
        Self { inner: Arc::new(Inner { clock, ages, source, state }) }
    }

    /// The document; a stale one while a new one is fetched.
    ///
    /// Cancel safe: an attempt goes on when those who wait for it leave, so leaving early cannot keep others from it.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] when there is none.
    pub(crate) async fn get(&self) -> Result<Arc<T>, AuthError> {
        let age = {
            let state = self.inner.state();
            state.document.clone().map(|(document, at)| (document, age(at, self.inner.clock.now())))
        };
        match age {
            Some((document, age)) if age < self.inner.ages.stale => Ok(document),
            Some((document, age)) if age < self.inner.ages.dead => {
                drop(self.refresh());
                Ok(document)
            }
            _ => {
                self.wait().await;
                self.alive().ok_or_else(|| self.unavailable())
            }
        }
    }

    /// A document other than `old`, if there is one: fetched, unless that was tried a moment ago.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] when whether there is one could not be found out.
    pub(crate) async fn other_than(&self, old: &Arc<T>) -> Result<Option<Arc<T>>, AuthError> {
        let other = |document: &Arc<T>| !Arc::ptr_eq(document, old);
        if let Some(document) = self.alive().filter(other) {
            return Ok(Some(document));
        }
        self.wait().await;
        match self.alive().filter(other) {
            Some(document) => Ok(Some(document)),
            None if self.inner.undecided() => Err(self.unavailable()),
            None => Ok(None),
        }
    }

    /// Drops the document, so that the next caller fetches it.
    pub(crate) fn forget(&self) {
        let mut state = self.inner.state();
        state.document = None;
    }

    /// The document, unless it is too old to be used.
    fn alive(&self) -> Option<Arc<T>> {
        let now = self.inner.clock.now();
        self.inner.state().document.as_ref().filter(|(_, at)| age(*at, now) < self.inner.ages.dead).map(|(document, _)| document.clone())
    }

    /// That there is no document now, and when there may be one.
    fn unavailable(&self) -> AuthError {
        let passed = self.inner.state().attempted.map_or(COOL_DOWN, |at| age(at, self.inner.clock.now()));
        AuthError::Unavailable { retry_after: COOL_DOWN.saturating_sub(passed).max(Duration::from_secs(1)) }
    }

    /// Waits for an attempt, if one is under way or may begin.
    async fn wait(&self) {
        if let Some(mut flight) = self.refresh() {
            // It ends in an error: the sender is dropped at the end of the attempt and never sends.
            let _ = tokio::time::timeout(PATIENCE, flight.changed()).await;
        }
    }

    /// Joins the attempt under way, or begins one if the last is long enough ago.
    fn refresh(&self) -> Option<watch::Receiver<()>> {
        let now = self.inner.clock.now();
        let mut state = self.inner.state();
        if let Some(flight) = &state.flight {
            return Some(flight.clone());
        }
        if state.attempted.is_some_and(|at| now.duration_since(at).is_ok_and(|passed| passed < COOL_DOWN)) {
            return None;
        }
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let (sender, receiver) = watch::channel(());
        state.attempted = Some(now);
        state.flight = Some(receiver.clone());
        drop(state);
        // A task of its own, or a caller who hangs up would end the attempt for everybody who waits and
        // leave the cool-down. It ends by itself: it is bounded in time.
        let flight = Flight { inner: self.inner.clone(), document: None, _ends: sender };
        runtime.spawn(flight.fly());
        Some(receiver)
    }
}

impl<T> Inner<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the last attempt failed or is still under way.
    fn undecided(&self) -> bool {
        let state = self.state();
        state.failed || state.flight.is_some()
    }
}

/// An attempt under way. However it ends, panics and shutdowns included, those who wait find out.
struct Flight<T> {
    inner: Arc<Inner<T>>,
    document: Option<T>,
    _ends: watch::Sender<()>,
}

impl<T> Flight<T> {
    async fn fly(mut self) {
        self.document = tokio::time::timeout(ATTEMPT, (self.inner.source)()).await.ok().flatten();
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        let now = self.inner.clock.now();
        let document = self.document.take();
        let mut state = self.inner.state();
        state.flight = None;
        state.failed = document.is_none();
        if let Some(document) = document {
            state.document = Some((Arc::new(document), now));
        }
    }
}

/// How long ago something was; nothing, if the clock was set back.
fn age(at: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(at).unwrap_or_default()
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
