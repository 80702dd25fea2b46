//! Which records are listed or purged.

use crate::{Key, Kind};

/// What records have in common: a kind, or an owner and perhaps a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index<'a> {
    /// All records of the kind.
    Kind(Kind),
    /// What is about the subject, of one kind or of all.
    Subject(&'a str, Option<Kind>),
    /// What belongs to the grant, of one kind or of all.
    Grant(&'a str, Option<Kind>),
    /// What belongs to the client, of one kind or of all.
    Client(&'a str, Option<Kind>),
}

impl Index<'_> {
    /// The kind that all of the records have, if it says.
    pub fn kind(&self) -> Option<Kind> {
        match *self {
            Self::Kind(kind) => Some(kind),
            Self::Subject(_, kind) | Self::Grant(_, kind) | Self::Client(_, kind) => kind,
        }
    }
}

/// A part of a list, which is ordered by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this key: the last one of the page before. There need not be a record with it.
    pub after: Option<Key>,
    /// The most records.
    pub limit: usize,
}

impl Page {
    /// The first `limit` records.
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// The next `limit` records after a key.
    pub const fn after(key: Key, limit: usize) -> Self {
        Self { after: Some(key), limit }
    }
}
