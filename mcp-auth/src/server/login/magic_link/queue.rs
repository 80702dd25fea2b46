//! Mails that wait to be sent, so that nobody has to wait for them.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::postman::{Errand, Postman};

/// How many mails may wait. An hour's worth: what comes above would not be sent in time.
const WAITING: usize = 512;
/// How many are sent at once, so that one slow mail server does not keep all.
const AT_ONCE: usize = 8;

/// The task that sends mails. It begins with the first one, and ends when this is dropped.
pub(super) struct Queue {
    postman: Arc<Postman>,
    running: Mutex<Option<Running>>,
}

struct Running {
    errands: mpsc::Sender<Errand>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Queue {
    pub(super) fn new(postman: Postman) -> Self {
        Self { postman: Arc::new(postman), running: Mutex::new(None) }
    }

    /// Adds an errand, or drops it if too many wait.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(super) fn push(&self, errand: Errand) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        // The task has ended if the runtime that it began on has.
        if running.as_ref().is_none_or(|running| running.errands.is_closed()) {
            *running = Some(self.begin());
        }
        if running.as_ref().is_some_and(|running| running.errands.try_send(errand).is_err()) {
            tracing::error!(waiting = WAITING, "too many mails wait to be sent; a sign-in mail was dropped");
            self.postman.refuse("too many mails wait");
        }
    }

    #[cfg(test)]
    pub(super) fn postman(&self) -> &Postman {
        &self.postman
    }

    fn begin(&self) -> Running {
        let (errands, waiting) = mpsc::channel(WAITING);
        let task = tokio::spawn(work(Arc::clone(&self.postman), waiting)).abort_handle();
        Running { errands, task }
    }
}

/// Prepares mails one after the other, so that of two for one sign-in the later one counts, and sends several at once.
async fn work(postman: Arc<Postman>, mut errands: mpsc::Receiver<Errand>) {
    let mut sending = JoinSet::new();
    while let Some(errand) = errands.recv().await {
        match postman.prepare(&errand).await {
            Ok(Some(mail)) => {
                let postman = Arc::clone(&postman);
                sending.spawn(async move { postman.send(mail).await });
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "a sign-in mail was not sent: the store failed");
                postman.refuse("the store failed");
            }
        }
        while sending.len() >= AT_ONCE && sending.join_next().await.is_some() {}
        while sending.try_join_next().is_some() {}
    }
}
