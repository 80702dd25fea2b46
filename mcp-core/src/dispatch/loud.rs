//! Saying the same of the same caller not too often.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::runtime::unix_seconds;

/// The most callers that are told apart. When there are more, everything is said for a moment.
const MAX: usize = 10_000;

/// Who was spoken of in which second. Refusing somebody who asks too often is cheap, and recording it each time would not be.
#[derive(Default)]
pub(super) struct Loud {
    hasher: RandomState,
    said: Mutex<HashMap<u64, u64>>,
}

impl Loud {
    /// Whether nothing was said of `whom` in this second.
    pub(super) fn may_say(&self, whom: &impl Hash, now: SystemTime) -> bool {
        let (whom, second) = (self.hasher.hash_one(whom), unix_seconds(now));
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() >= MAX {
            said.retain(|_, last| *last == second);
            if said.len() >= MAX {
                said.clear();
            }
        }
        said.insert(whom, second) != Some(second)
    }
}
