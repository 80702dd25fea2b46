//! Why a server does not run.

use std::io;

use mcp_core::RegistryError;

/// What running a server results in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a server does not run.
///
/// Prints as its message either way, so that `fn main() -> mcp_parity::Result<()>` reads well.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The registry cannot be built.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Serving failed.
    #[error("serving failed: {0}")]
    Io(#[from] io::Error),
    /// The server asks who is calling, and over HTTP nobody could tell.
    #[error("this server asks who is calling (for {asked}), and nobody is configured who could tell")]
    Unidentified {
        /// What it asks for.
        asked: String,
    },
    /// A setting cannot be used.
    #[error("{0}")]
    Config(String),
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
