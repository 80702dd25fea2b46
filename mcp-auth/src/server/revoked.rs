//! What was revoked on this instance a moment ago, while tokens that were looked up before are still remembered.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// The most names that are kept. There are more only if as many grants end within the life of one token; then the oldest go, and
/// what they stood for is found out when it is looked up again, a minute later.
const MAX: usize = 100_000;

/// Names of grants and tokens that are not good any more, and until when somebody could still come with them.
#[derive(Debug, Default)]
pub(crate) struct Revoked(RwLock<HashMap<String, u64>>);

impl Revoked {
    /// Notes that something ended at `now`, in seconds since 1970, whose tokens live for `life` seconds.
    pub(crate) fn add(&self, name: &str, now: u64, life: u64) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MAX {
            names.retain(|_, until| *until > now);
        }
        if names.len() >= MAX {
            let oldest = names.iter().min_by_key(|(_, until)| **until).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| names.remove(&oldest));
        }
        names.insert(name.to_owned(), now + life + 120);
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !names.is_empty() && names.contains_key(name)
    }
}
