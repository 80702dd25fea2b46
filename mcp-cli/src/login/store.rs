//! Where logins are kept.

use clap::ValueEnum;
use mcp_client::oauth::{FileStore, Login, TokenStore as _};

use crate::failure::Failure;
use crate::install::Machine;

/// Where a login is kept.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Place {
    /// In a file that only you can read
    File,
    /// In such a file, sealed with a key in the keyring of the system
    Keyring,
}

impl Place {
    /// The logins of this user, of which those that are saved are kept here.
    ///
    /// # Errors
    /// When it is not known where the user is at home, or this program knows no keyring.
    pub(crate) fn store(self) -> Result<FileStore, Failure> {
        match self {
            Self::File => Ok(store()?.in_files()),
            #[cfg(feature = "keyring")]
            Self::Keyring => Ok(store()?.in_keyring()),
            #[cfg(not(feature = "keyring"))]
            Self::Keyring => Err(Failure::usage("this `mcp` knows no keyring: it was built without the feature `keyring`")),
        }
    }
}

/// The logins of this user: files that nobody else can read, in the user's configuration directory.
///
/// # Errors
/// When it is not known where the user is at home.
pub(crate) fn store() -> Result<FileStore, Failure> {
    Ok(FileStore::new(Machine::this()?.settings().join("mcp").join("logins")))
}

/// The latest login for a server, with or without tokens.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn latest(server: &str) -> Result<Option<Login>, Failure> {
    let logins = store()?.load(server).await.map_err(mcp_client::Error::from)?;
    Ok(logins.into_iter().next())
}
