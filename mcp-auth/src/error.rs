//! Why a caller is refused.

use std::time::Duration;

/// Why a caller is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// There are no credentials and they are needed.
    Missing,
    /// There are credentials, but another provider may know them: [`FirstOf`](crate::FirstOf) asks the next.
    NotMine,
    /// There are credentials and they do not verify.
    Invalid {
        /// What is wrong with them, in fixed words that hold nothing of the credentials: clients are
        /// shown it as `error_description` (RFC 6750, section 3).
        reason: &'static str,
    },
    /// The caller is known, and is not let in.
    NotAdmitted,
    /// Whether the credentials verify cannot be found out now.
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
}

impl AuthError {
    /// Credentials that do not verify.
    pub const fn invalid(reason: &'static str) -> Self {
        Self::Invalid { reason }
    }

    /// What is wrong, in fixed words for records.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotMine => "unknown token",
            Self::Invalid { reason } => reason,
            Self::NotAdmitted => "not admitted",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}
