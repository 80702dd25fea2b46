//! Checking a chain from end to end.

use std::fmt;
use std::io::{self, BufRead, Read as _};

use super::ChainHead;
use super::chain::{MAX_LINE, unseal};

/// What a sound chain holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// How many lines.
    pub lines: u64,
    /// The last of them.
    pub head: ChainHead,
}

/// The first line that is wrong.
#[derive(Debug)]
pub struct ChainError {
    /// Its number in what was read, from 1; one more than there are lines if something is missing at the end.
    pub line: u64,
    /// What is wrong with it.
    pub fault: ChainFault,
}

/// What is wrong with a line.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChainFault {
    /// It is not a whole record.
    Unreadable,
    /// It is not what it was when it was written.
    Changed,
    /// Its number is too high: lines before it were removed, or it was moved up.
    Missing,
    /// Its number is too low: it was inserted or moved down.
    OutOfPlace,
    /// It was written after another line than the one before it, which was replaced.
    Unlinked,
    /// It is not the line that was remembered: the chain was written anew.
    Replaced,
    /// The line that was remembered is not there: the end was cut off.
    Truncated,
    /// It could not be read.
    Io(io::Error),
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match &self.fault {
            ChainFault::Unreadable => "is not a whole record",
            ChainFault::Changed => "was changed",
            ChainFault::Missing => "comes too early: lines before it are missing, or it was moved",
            ChainFault::OutOfPlace => "comes too late: it was inserted or moved",
            ChainFault::Unlinked => "does not follow the line before it, which was replaced",
            ChainFault::Replaced => "is not the line that was remembered",
            ChainFault::Truncated => "is missing: the remembered line is not there",
            ChainFault::Io(error) => return write!(f, "line {} cannot be read: {error}", self.line),
        };
        write!(f, "line {} {what}", self.line)
    }
}

impl std::error::Error for ChainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            ChainFault::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Checks that nobody changed, removed, inserted or moved lines of a chain that begins with its first line.
///
/// # Errors
/// The first line that is wrong.
pub fn verify_chain(reader: impl BufRead) -> Result<ChainSummary, ChainError> {
    ChainCheck::default().verify(reader)
}

/// A check with more to go by than the chain itself.
#[derive(Clone, Debug, Default)]
pub struct ChainCheck {
    start: ChainHead,
    expected: Option<ChainHead>,
}

impl ChainCheck {
    /// Begins after `head` instead of at the first line: for a chain that goes on in another file.
    #[must_use]
    pub fn starting_after(mut self, head: ChainHead) -> Self {
        self.start = head;
        self
    }

    /// Asks that a line which was remembered is still there; later ones may have come.
    #[must_use]
    pub fn expect_head(mut self, head: ChainHead) -> Self {
        self.expected = Some(head);
        self
    }

    /// Checks all lines.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn verify(&self, mut reader: impl BufRead) -> Result<ChainSummary, ChainError> {
        let mut head = self.start.clone();
        let mut found = self.expected.as_ref().is_none_or(|expected| *expected == head);
        let mut lines = 0;
        let mut line = Vec::new();
        loop {
            let wrong = |fault| ChainError { line: lines + 1, fault };
            line.clear();
            reader.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line).map_err(|error| wrong(ChainFault::Io(error)))?;
            if line.is_empty() {
                return if found { Ok(ChainSummary { lines, head }) } else { Err(wrong(ChainFault::Truncated)) };
            }
            head = follow(&head, &line).map_err(wrong)?;
            if let Some(expected) = self.expected.as_ref().filter(|expected| expected.seq == head.seq) {
                if *expected != head {
                    return Err(wrong(ChainFault::Replaced));
                }
                found = true;
            }
            lines += 1;
        }
    }
}

/// The place after `line`, if it belongs behind `head`.
fn follow(head: &ChainHead, line: &[u8]) -> Result<ChainHead, ChainFault> {
    let link = line.strip_suffix(b"\n").and_then(unseal).ok_or(ChainFault::Unreadable)?;
    let next = head.seq.saturating_add(1);
    if !link.sound {
        Err(ChainFault::Changed)
    } else if link.head.seq > next {
        Err(ChainFault::Missing)
    } else if link.head.seq < next {
        Err(ChainFault::OutOfPlace)
    } else if link.prev != head.hash {
        Err(ChainFault::Unlinked)
    } else {
        Ok(link.head)
    }
}
