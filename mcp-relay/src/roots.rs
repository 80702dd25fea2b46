//! Callers whose roots have changed, which the upstream is told where it was told of them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// Most callers that wait to be spoken for. One more is not: an upstream that needs roots may ask for them at any time.
const MOST_WAITING: usize = 1_024;

/// Callers whose roots have changed, each once.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    changed: Mutex<BTreeSet<String>>,
    stirred: Notify,
}

impl Roots {
    /// A caller says so; does not wait.
    pub(crate) fn changed(&self, caller: &str) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if changed.len() < MOST_WAITING {
            changed.insert(caller.to_owned());
        }
        drop(changed);
        self.stirred.notify_one();
    }

    /// Waits for callers.
    pub(crate) async fn next(&self) -> BTreeSet<String> {
        loop {
            let changed = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
            if !changed.is_empty() {
                return changed;
            }
            self.stirred.notified().await;
        }
    }
}
