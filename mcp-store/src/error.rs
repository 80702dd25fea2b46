//! What goes wrong with a store.

/// What goes wrong with a store, for the people who operate the server. No body, id or owner is ever shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An id or an owner is the empty text; that is a mistake of the program.
    #[error("{what} is empty; leave out an owner that there is not")]
    Empty {
        /// Which part.
        what: &'static str,
    },
    /// A part of a record has more bytes than are stored.
    #[error("{what} has {bytes} bytes; at most {most} are stored")]
    TooLarge {
        /// Which part.
        what: &'static str,
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// The store cannot be opened as it is set up.
    #[error("the store cannot be opened: {0}")]
    Setup(String),
    /// The store does not answer, or not in time. The same may work later. What was to be written may have been written or not.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// There is no room left. Nothing was changed.
    #[error("the store has no room left: {0}")]
    Full(String),
    /// What the store reads is not what it wrote.
    #[error("the store is damaged and has to be restored from a backup: {0}")]
    Corrupt(String),
}
