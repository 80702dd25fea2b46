//! Requests to clients of the legacy revisions that wait for their responses.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::session::SessionId;

type Answer = Result<Box<RawValue>, Box<RawValue>>;

/// Every request to a client that is not answered yet.
#[derive(Debug, Default)]
pub(crate) struct Questions(Mutex<HashMap<String, (SessionId, oneshot::Sender<Answer>)>>);

impl Questions {
    fn table(&self) -> MutexGuard<'_, HashMap<String, (SessionId, oneshot::Sender<Answer>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Expects the response with this id from this session.
    pub(crate) fn wait_for(&self, id: &str, session: SessionId) -> Waiting<'_> {
        let (send, receive) = oneshot::channel();
        self.table().insert(id.to_owned(), (session, send));
        Waiting { questions: self, id: id.to_owned(), receive }
    }

    /// Gives up all questions to a session.
    pub(crate) fn abandon(&self, session: SessionId) {
        self.table().retain(|_, (asked, _)| *asked != session);
    }

    /// Delivers a response; one that nobody in this session asked for is dropped.
    pub(crate) fn answer(&self, id: &str, session: SessionId, answer: Answer) {
        let mut table = self.table();
        if table.get(id).is_some_and(|(asked, _)| *asked == session)
            && let Some((_, waiting)) = table.remove(id)
        {
            // Whoever asked may have been cancelled since.
            let _ = waiting.send(answer);
        }
    }
}

/// A request that waits; forgotten when dropped.
pub(crate) struct Waiting<'q> {
    questions: &'q Questions,
    id: String,
    receive: oneshot::Receiver<Answer>,
}

impl Waiting<'_> {
    pub(crate) async fn answer(mut self) -> Option<Answer> {
        (&mut self.receive).await.ok()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.questions.table().remove(&self.id);
    }
}
