//! Why a registry cannot be built.

use crate::item::Location;

use super::place;

/// Why a registry cannot be built or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Two items share a name, so a call could not tell them apart.
    #[error("two {kind} are named `{name}`: {first} and {second}; rename one")]
    Duplicate {
        /// What they are.
        kind: &'static str,
        /// The name or URI they share.
        name: String,
        /// Where the one is.
        first: String,
        /// Where the other is.
        second: String,
    },
    /// Nothing was registered; usually the crate with the tools is never referenced.
    #[error("no tools, resources or prompts are linked into this binary; if they are in a crate of their own, add `use my_tools as _;`")]
    Empty,
    /// An item cannot be offered as it is.
    #[error("the {kind} `{name}` ({place}) cannot be used: {reason}")]
    Unusable {
        /// What it is.
        kind: &'static str,
        /// Its name or URI.
        name: String,
        /// Where it is.
        place: String,
        /// Why not.
        reason: String,
    },
    /// There is no item of this name or URI to change.
    #[error("there is no `{0}` in the registry")]
    Unknown(String),
}

impl RegistryError {
    pub(crate) fn duplicate(kind: &'static str, name: &str, first: Option<Location>, second: Option<Location>) -> Self {
        // The linker's order is not the author's; sort so that the message is stable.
        let (mut first, mut second) = (place(first), place(second));
        if second < first {
            std::mem::swap(&mut first, &mut second);
        }
        Self::Duplicate { kind, name: name.to_owned(), first, second }
    }

    pub(crate) fn unusable(kind: &'static str, name: &str, location: Option<Location>, reason: String) -> Self {
        Self::Unusable { kind, name: name.to_owned(), place: place(location), reason }
    }
}
