//! What is done to records, and what came of it.

use crate::{Key, Record, StoreError};

/// On what a change depends. A record that has expired is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// There is no record.
    Absent,
    /// There is a record, and it has this version.
    Version(u64),
    /// Nothing.
    Any,
}

/// One step of what is applied as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Writes a record in full: what the old one held and the new one does not is gone.
    Put {
        /// What is there afterwards. Its version is the old one plus 1, or 1 if it was absent.
        record: Record,
        /// On what it depends.
        when: When,
    },
    /// Sees to it that there is no record.
    Remove {
        /// Which one.
        key: Key,
        /// On what it depends. With [`When::Any`] there may be none.
        when: When,
    },
}

impl Change {
    /// Whether it may be applied. Backends ask before they write.
    ///
    /// # Errors
    /// [`StoreError::Empty`] and [`StoreError::TooLarge`].
    pub fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Put { record, .. } => record.check(),
            // Nothing is ever stored by a key that cannot be written, so there is nothing to remove.
            Self::Remove { .. } => Ok(()),
        }
    }
}

/// What came of a list of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// All of it was done; one effect for each change.
    Done(Vec<Effect>),
    /// The condition of this change did not hold, so nothing was done. The first one is 0.
    Conflict(usize),
}

/// What one change did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The record was written and has this version.
    Put(u64),
    /// The record is gone; this is what it was, if it was there and had not expired.
    Removed(Option<Record>),
}
