//! What was said of the last token on a connection.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use mcp_core::Principal;

use crate::MAX_TOKEN_BYTES;

/// What was said of the last token that was presented on a connection.
///
/// A client presents the same token with every request of a connection. A [`Cached`](crate::Cached) that finds it here
/// compares it instead of digesting it. It is for one connection only, and never larger than the largest token.
#[derive(Default)]
pub struct LastToken(Mutex<Option<Recognised>>);

/// A token, and whose it is.
pub(crate) struct Recognised {
    /// Which [`Cached`](crate::Cached) said so.
    pub(crate) by: u64,
    /// In which generation it did; when it forgets a token, another one begins.
    pub(crate) generation: u64,
    pub(crate) token: Box<str>,
    pub(crate) resource: Box<str>,
    pub(crate) principal: Principal,
    pub(crate) until: SystemTime,
}

impl fmt::Debug for LastToken {
    /// Shows nothing: it holds a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastToken")
    }
}

#[cfg_attr(not(feature = "providers"), expect(dead_code, reason = "`Cached` alone knows callers again"))]
impl LastToken {
    /// Whose the token is, if `by` said so of the same one in this generation and it still holds `now`.
    pub(crate) fn recognise(&self, by: u64, generation: u64, token: &str, resource: &str, now: SystemTime) -> Option<Principal> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref().filter(|last| last.by == by && last.generation == generation && now < last.until)?;
        (is_same(&last.token, token) && *last.resource == *resource).then(|| last.principal.clone())
    }

    /// Whether it is this one, and so is a token.
    pub(crate) fn is(&self, token: &str) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().is_some_and(|last| is_same(&last.token, token))
    }

    pub(crate) fn remember(&self, recognised: Recognised) {
        debug_assert!(recognised.token.len() <= MAX_TOKEN_BYTES, "longer ones are not parsed");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(recognised);
    }
}

/// Whether two tokens are the same. Every byte is looked at: behind a proxy a connection is shared by callers who
/// must not learn by the time it takes how much of another one's token they guessed.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |different, (one, other)| different | (one ^ other)) == 0
}
