//! The requests of ours that are not answered yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::handler::{LogMessage, Progress};
use crate::wire::Answer;

/// What hears of a call's progress.
pub(crate) type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// What hears the log messages of a call.
pub(crate) type OnLog = Arc<dyn Fn(LogMessage) + Send + Sync>;

/// What hears that the server would let go of a call's connection, and after what time it wants to see the client again.
pub(crate) type OnRelease = Arc<dyn Fn(Duration) + Send + Sync>;

/// Who hears what of a call.
#[derive(Clone, Default)]
pub(crate) struct Hearing {
    pub(crate) progress: Option<OnProgress>,
    pub(crate) log: Option<OnLog>,
    pub(crate) release: Option<OnRelease>,
}

/// The requests of ours that are not answered yet.
#[derive(Default)]
pub(crate) struct Flights(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    by_id: HashMap<u64, Flight>,
    /// Why nothing more will arrive, on connections that all calls share.
    ended: Option<String>,
}

struct Flight {
    /// Where the answer goes, on connections that all calls share.
    answer: Option<oneshot::Sender<Result<Answer>>>,
    hearing: Hearing,
    heard: Instant,
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request is about to be sent.
    pub(crate) fn depart(&self, id: u64, hearing: Hearing) {
        self.lock().by_id.insert(id, Flight { answer: None, hearing, heard: Instant::now() });
    }

    /// Forgets a request.
    pub(crate) fn forget(&self, id: u64) {
        self.lock().by_id.remove(&id);
    }

    /// What the answer to a request arrives on, where all answers arrive on one connection.
    ///
    /// # Errors
    /// When the connection has ended.
    pub(crate) fn expect(&self, id: u64) -> Result<oneshot::Receiver<Result<Answer>>> {
        let (answer, receiver) = oneshot::channel();
        let mut inner = self.lock();
        if let Some(why) = &inner.ended {
            return Err(Error::Closed(why.clone()));
        }
        if let Some(flight) = inner.by_id.get_mut(&id) {
            flight.answer = Some(answer);
        }
        Ok(receiver)
    }

    /// Delivers an answer; returns whether anybody waited for it.
    pub(crate) fn answer(&self, id: u64, answer: Answer) -> bool {
        let waiting = self.lock().by_id.get_mut(&id).and_then(|flight| flight.answer.take());
        waiting.is_some_and(|waiting| waiting.send(Ok(answer)).is_ok())
    }

    /// Something was heard of a request; returns who wants to know, or `None` when the request is unknown.
    pub(crate) fn heard(&self, id: u64) -> Option<Option<OnProgress>> {
        let mut inner = self.lock();
        let flight = inner.by_id.get_mut(&id)?;
        flight.heard = Instant::now();
        Some(flight.hearing.progress.clone())
    }

    /// Who hears the log messages of a request.
    pub(crate) fn logs(&self, id: u64) -> Option<OnLog> {
        self.lock().by_id.get(&id)?.hearing.log.clone()
    }

    /// Who hears that the server would let go of a request's connection.
    pub(crate) fn releases(&self, id: u64) -> Option<OnRelease> {
        self.lock().by_id.get(&id)?.hearing.release.clone()
    }

    /// Whether the connection that all calls share has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.lock().ended.is_some()
    }

    /// For how long nothing was heard of a request.
    pub(crate) fn silence(&self, id: u64) -> Duration {
        self.lock().by_id.get(&id).map_or(Duration::ZERO, |flight| flight.heard.elapsed())
    }

    /// The connection that all calls share has ended: none of them will be answered.
    pub(crate) fn end(&self, why: &str) {
        self.lock().ended.get_or_insert_with(|| why.to_owned());
        let waiting: Vec<_> = self.lock().by_id.values_mut().filter_map(|flight| flight.answer.take()).collect();
        for answer in waiting {
            // A call that is gone no longer waits.
            let _ = answer.send(Err(Error::Closed(why.to_owned())));
        }
    }

    /// Fails a request that waits on the shared connection.
    pub(crate) fn fail(&self, id: u64, why: Error) {
        let waiting = self.lock().by_id.get_mut(&id).and_then(|flight| flight.answer.take());
        if let Some(answer) = waiting {
            let _ = answer.send(Err(why));
        }
    }
}
