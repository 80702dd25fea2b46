//! How one line of the chain holds on to the line before it.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Deserialize;

/// The longest line, in bytes, without its end. What [`super::line`] writes is always shorter, even if every
/// character of every text has to be escaped.
pub(super) const MAX_LINE: usize = 256 * 1_024;

const BEFORE_HASH: &str = ",\"hash\":\"";
const AFTER_HASH: &str = "\"}";
const HASH_CHARS: usize = 64;

/// A place in the chain: the number of a line and its hash. The default is the place before the first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The number of the line; lines count from 1.
    pub seq: u64,
    /// Its hash, in lower-case hexadecimal.
    pub hash: String,
}

impl Default for ChainHead {
    fn default() -> Self {
        Self { seq: 0, hash: "0".repeat(HASH_CHARS) }
    }
}

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A line as it was read.
pub(super) struct Link {
    pub(super) prev: String,
    pub(super) head: ChainHead,
    /// Whether the line has the hash that it says it has.
    pub(super) sound: bool,
}

/// Puts the hash behind a body, which is a JSON object.
pub(super) fn seal(prev: &str, seq: u64, body: &str) -> (String, ChainHead) {
    let hash = hash(prev, body);
    let open = body.strip_suffix('}').unwrap_or(body);
    (format!("{open}{BEFORE_HASH}{hash}{AFTER_HASH}"), ChainHead { seq, hash })
}

/// Takes a line apart, if it is a record.
pub(super) fn unseal(line: &[u8]) -> Option<Link> {
    #[derive(Deserialize)]
    struct Links {
        seq: u64,
        prev: String,
    }

    let line = std::str::from_utf8(line).ok()?;
    let Links { seq, prev } = serde_json::from_str(line).ok()?;
    let rest = line.strip_suffix(AFTER_HASH)?;
    let (rest, said) = rest.split_at_checked(rest.len().checked_sub(HASH_CHARS)?)?;
    let body = format!("{}}}", rest.strip_suffix(BEFORE_HASH)?);
    let sound = hash(&prev, &body) == said;
    Some(Link { prev, head: ChainHead { seq, hash: said.to_owned() }, sound })
}

fn hash(prev: &str, body: &str) -> String {
    let mut context = Context::new(&SHA256);
    context.update(prev.as_bytes());
    context.update(body.as_bytes());
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
