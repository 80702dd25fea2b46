//! Mails that are kept for a test.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{Mail, MailError, Mailer};

/// Keeps mails in memory, for tests. A clone has the same mails.
#[derive(Clone, Debug)]
pub struct MemoryMailer {
    inner: Arc<Mutex<Inner>>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inner {
    mails: Vec<Mail>,
    errors: VecDeque<MailError>,
}

impl Default for MemoryMailer {
    fn default() -> Self {
        Self { inner: Arc::default(), count: watch::Sender::new(0) }
    }
}

impl MemoryMailer {
    /// A mailer that was given no mail yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The mails that were sent so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.inner().mails.clone()
    }

    /// Waits until this many mails were sent in all, and gives the last one of them. None is none.
    pub async fn nth(&self, count: usize) -> Option<Mail> {
        // The sender is this very mailer's, so it does not go away meanwhile.
        self.count.subscribe().wait_for(|sent| *sent >= count).await.ok()?;
        self.inner().mails.get(count.checked_sub(1)?).cloned()
    }

    /// Answers the next mail with an error in place of taking it.
    pub fn fail_next(&self, error: MailError) {
        self.inner().errors.push_back(error);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let count = {
            let mut inner = self.inner();
            if let Some(error) = inner.errors.pop_front() {
                return Err(error);
            }
            inner.mails.push(mail);
            inner.mails.len()
        };
        self.count.send_replace(count);
        Ok(())
    }
}
