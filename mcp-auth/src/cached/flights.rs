//! One question for all who ask the same at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::Verdict;
use crate::digest::Sha256;

/// The questions that are being asked. There are never more than callers waiting.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<Sha256, Question>>);

#[derive(Default)]
struct Question {
    answer: Arc<OnceCell<Verdict>>,
    waiting: usize,
}

/// A caller's share in a question. The last one to leave takes the question away, and so does the first
/// one who leaves with an answer: an answer is for those who waited for it.
pub(super) struct Flight<'a> {
    flights: &'a Flights,
    key: Sha256,
    answer: Arc<OnceCell<Verdict>>,
}

impl Flights {
    /// Joins the question that is being asked, or begins one.
    pub(super) fn join(&self, key: Sha256) -> Flight<'_> {
        let mut questions = self.lock();
        let question = questions.entry(key).or_default();
        question.waiting += 1;
        Flight { flights: self, key, answer: Arc::clone(&question.answer) }
    }

    /// Lets nobody join the question any more.
    pub(super) fn abandon(&self, key: &Sha256) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sha256, Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

impl Flight<'_> {
    /// The answer. One of those who wait asks; if that one is cancelled or panics, another one does.
    pub(super) async fn verdict<F: Future<Output = Verdict>>(&self, ask: impl FnOnce() -> F) -> Verdict {
        self.answer.get_or_init(ask).await.clone()
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut questions = self.flights.lock();
        // After an abandoned question there may be another one under the same key.
        let Some(question) = questions.get_mut(&self.key).filter(|question| Arc::ptr_eq(&question.answer, &self.answer)) else { return };
        question.waiting -= 1;
        if question.waiting == 0 || self.answer.initialized() {
            questions.remove(&self.key);
        }
    }
}
