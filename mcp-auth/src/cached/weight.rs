//! How much memory an entry takes.

use std::fmt::{self, Write as _};

use super::Verdict;

/// What every entry takes, in bytes: the key, the store's own records, and the fixed part of a principal.
const FIXED: usize = 768;

/// How many bytes in memory stand for one that is written: short values take more room than text.
const FACTOR: usize = 4;

/// An estimate of the memory that an entry takes, in bytes.
///
/// The claims of a principal are of any shape and size, and how long they are when written out tells how large.
pub(super) fn of(verdict: &Verdict) -> u32 {
    let mut written = Count(0);
    if let Ok(principal) = verdict {
        // Counting cannot fail.
        let _ = write!(written, "{principal:?}");
    }
    u32::try_from(FIXED.saturating_add(written.0.saturating_mul(FACTOR))).unwrap_or(u32::MAX)
}

/// Counts what is written and keeps nothing of it.
struct Count(usize);

impl fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.len());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mcp_core::Principal;

    use super::*;
    use crate::AuthError;

    #[test]
    fn what_holds_more_weighs_more() {
        let alice = Principal::new("alice");
        let claims = [("text".to_owned(), "a".repeat(50_000).into())].into_iter().collect();
        let (refused, small, large) = (of(&Err(AuthError::NotMine)), of(&Ok(alice.clone())), of(&Ok(alice.with_claims(claims))));
        assert!(refused >= 512 && small > refused && small < 4_096 && large > 50_000, "{refused} {small} {large}");
    }
}
