//! Where logins are kept.

use mcp_client::oauth::{FileStore, Login, TokenStore as _};

use crate::failure::Failure;
use crate::install::Machine;

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
