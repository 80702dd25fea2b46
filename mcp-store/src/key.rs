//! What a record is found by.

use std::fmt;

use crate::StoreError;

/// The most bytes of an id, a subject, a grant or a client.
pub const MAX_ID_BYTES: usize = 512;

/// A kind of record or counter: one to [`Kind::MAX_BYTES`] characters out of `a` to `z` and `_`.
// Filled up with zeros, which sort before every letter: the order is that of the texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind([u8; Kind::MAX_BYTES]);

impl Kind {
    /// The most characters of a kind.
    pub const MAX_BYTES: usize = 24;

    /// The kind of this name, for constants.
    ///
    /// # Panics
    /// If the name is not one of a kind; in a constant, it does not compile.
    pub const fn from_static(name: &'static str) -> Self {
        match Self::parse(name) {
            Some(kind) => kind,
            None => panic!("a kind is named by 1 to 24 characters out of a to z and _"),
        }
    }

    /// The kind of this name, for backends that read it back; none if no kind can have that name.
    pub const fn parse(name: &str) -> Option<Self> {
        let name = name.as_bytes();
        if name.is_empty() || name.len() > Self::MAX_BYTES {
            return None;
        }
        let mut bytes = [0; Self::MAX_BYTES];
        let mut at = 0;
        while at < name.len() {
            if !matches!(name[at], b'a'..=b'z' | b'_') {
                return None;
            }
            bytes[at] = name[at];
            at += 1;
        }
        Some(Self(bytes))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(Self::MAX_BYTES);
        str::from_utf8(&self.0[..end]).expect("the constructors let only letters and underscores through")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind, and an id within the kind. Keys are ordered by kind, then by the bytes of the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which records or counters it is one of.
    pub kind: Kind,
    /// Which one: any text of 1 to [`MAX_ID_BYTES`] bytes. Nothing is found by another; nothing can be written by it.
    pub id: String,
}

impl Key {
    /// The key of the `kind` with this `id`.
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Whether something may be written by this key. Backends ask before they write.
    ///
    /// # Errors
    /// [`StoreError::Empty`] and [`StoreError::TooLarge`].
    pub fn check(&self) -> Result<(), StoreError> {
        check_id("the id", &self.id)
    }
}

/// Whether `id`, which is `what` of a record, is of a length that is stored.
pub(crate) fn check_id(what: &'static str, id: &str) -> Result<(), StoreError> {
    match id.len() {
        0 => Err(StoreError::Empty { what }),
        1..=MAX_ID_BYTES => Ok(()),
        bytes => Err(StoreError::TooLarge { what, bytes, most: MAX_ID_BYTES }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_short_plain_names() {
        for name in ["a", "_", "access_token", "abcdefghijklmnopqrstuvwx"] {
            assert_eq!(Kind::parse(name).as_ref().map(Kind::as_str), Some(name));
        }
        for name in ["", "A", "a-b", "a1", "a\0", "é", "abcdefghijklmnopqrstuvwxy"] {
            assert_eq!(Kind::parse(name), None, "{name:?}");
        }
    }

    #[test]
    fn kinds_are_ordered_as_their_names() {
        let mut names = ["b", "a_b", "ab", "a", "_", "aa"];
        let mut kinds = names.map(Kind::from_static);
        names.sort_unstable();
        kinds.sort_unstable();
        assert_eq!(kinds.each_ref().map(Kind::as_str), names);
    }
}
