//! What a target did, so that an input that makes it do something new is kept.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// A fingerprint of what happened in one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Behaviour(u64);

impl Behaviour {
    /// Takes one more thing that happened into account.
    #[must_use]
    pub fn and(self, happened: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        happened.hash(&mut hasher);
        Self(hasher.finish())
    }
}
