//! What was said of the last token on a connection.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use mcp_core::Principal;

/// What was said of the last token that was presented on a connection.
///
/// A client presents the same token with every request of a connection. A [`Cached`](crate::Cached) that finds it here
/// compares it instead of digesting it. It is for one connection only, and holds one token of at most 4 KiB and whose it is; claims
/// are shared with the cache. A token that does not come twice in a row is not kept, so connections that many share hold none.
#[derive(Default)]
pub struct LastToken(Mutex<Slot>);

/// The longest token that is kept, in bytes.
const MAX_KEPT: usize = 4 * 1_024;

#[derive(Default)]
struct Slot {
    recognised: Option<Recognised>,
    /// The digest that the last other token was looked up by.
    seen: Option<[u8; 32]>,
}

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
    /// The same by a clock that nobody sets.
    pub(crate) deadline: Instant,
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
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = slot.recognised.as_ref().filter(|last| last.by == by && last.generation == generation)?;
        let same = is_same(&last.token, token) && *last.resource == *resource;
        (same && now < last.until && Instant::now() < last.deadline).then(|| last.principal.clone())
    }

    /// Whether it is this one, and so is a token.
    pub(crate) fn is(&self, token: &str) -> bool {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.recognised.as_ref().is_some_and(|last| is_same(&last.token, token))
    }

    /// Whether a token, that was looked up by this digest, is to be kept: it came the last time, too.
    pub(crate) fn comes_again(&self, token: &str, digest: &[u8; 32]) -> bool {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let again = slot.seen.replace(*digest) == Some(*digest);
        if !again {
            slot.recognised = None;
        }
        again && token.len() <= MAX_KEPT
    }

    pub(crate) fn remember(&self, recognised: Recognised) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recognised = Some(recognised);
    }
}

/// Whether two tokens are the same. Every byte is looked at: behind a proxy a connection is shared by callers who
/// must not learn by the time it takes how much of another one's token they guessed.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |different, (one, other)| different | (one ^ other)) == 0
}
