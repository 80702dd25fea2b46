//! Logins in files that only their owner can read.

use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

#[cfg(feature = "keyring")]
use super::keyring::Keyring;
use super::{Guard, TokenStore, disk};
use crate::oauth::error::{OAuthError, Result};
use crate::oauth::login::Login;
use crate::oauth::random;

/// How often a lock that another process holds is asked for: the system cannot be waited for without a thread.
const PAUSE: Duration = Duration::from_millis(20);
/// How a file ends that holds logins as they are.
const OPEN: &str = "json";
/// How one ends that only the keyring opens.
const SEALED: &str = "sealed";

/// Logins in a directory, a file for each server, which all processes of a user share.
///
/// The directory and its files can be read by their owner only. A file is replaced as a whole, and is on the disk before
/// its tokens are used; beside it is a file that is only ever locked. What was locked by a process that died is free again.
///
/// With the feature `keyring`, what a file holds can be sealed with a key that the keyring of the system keeps. Each server's logins stay as they are:
/// sealed, or not.
#[derive(Clone, Debug)]
pub struct FileStore {
    directory: PathBuf,
    /// Whether what is saved from now on is sealed; as it was before, if that is not said.
    sealed: Option<bool>,
    #[cfg(feature = "keyring")]
    keyring: Keyring,
}

/// What is in a file.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    server: String,
    logins: Vec<Login>,
}

impl FileStore {
    /// Keeps logins in a directory, which is made when it is needed.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            sealed: None,
            #[cfg(feature = "keyring")]
            keyring: Keyring::default(),
        }
    }

    /// Seals what is saved from now on with a key in the keyring of the system: the Keychain of macOS, the Credential Manager of Windows, or
    /// elsewhere what answers to `org.freedesktop.secrets` on the session bus.
    #[cfg(feature = "keyring")]
    #[must_use]
    pub fn in_keyring(mut self) -> Self {
        self.sealed = Some(true);
        self
    }

    /// Saves what is saved from now on as it is, also logins that were sealed before.
    #[must_use]
    pub fn in_files(mut self) -> Self {
        self.sealed = Some(false);
        self
    }

    /// The servers that there are logins for.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read.
    pub fn servers(&self) -> Result<Vec<String>, OAuthError> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed(&self.directory, "cannot be listed"))?,
        };
        let mut servers = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed(&self.directory, "cannot be listed"))?.path();
            if path.extension().is_some_and(|extension| extension == OPEN || extension == SEALED) {
                servers.extend(self.read(&path)?.filter(|kept| !kept.logins.is_empty()).map(|kept| kept.server));
            }
        }
        servers.sort();
        servers.dedup();
        Ok(servers)
    }

    /// Forgets all logins of a server.
    ///
    /// # Errors
    /// When they cannot be locked or removed.
    pub async fn forget(&self, server: &str) -> Result<(), OAuthError> {
        let guard = self.lock(server).await?;
        self.save(&guard, &[]).await
    }

    fn path(&self, server: &str, extension: &str) -> PathBuf {
        let name = random::encode(random::sha256(server).as_ref());
        self.directory.join(format!("{name}.{extension}"))
    }

    /// Reads a file, sealed or not.
    fn read(&self, path: &Path) -> Result<Option<Kept>> {
        let cannot = || failed(path, "cannot be read");
        let Some(content) = disk::read(path).map_err(cannot())? else { return Ok(None) };
        let text = if path.extension().is_some_and(|extension| extension == SEALED) { self.open(path, content)? } else { Some(content) };
        text.map(|text| serde_json::from_slice(&text).map_err(|error| cannot()(error.into()))).transpose()
    }

    /// Puts logins in place of those that were kept, which were kept in the one way or the other.
    fn write(&self, kept: &Kept) -> Result<()> {
        let (open, sealed) = (self.path(&kept.server, OPEN), self.path(&kept.server, SEALED));
        let is_sealed = self.sealed.unwrap_or_else(|| sealed.exists());
        let (path, other) = if is_sealed { (sealed, open) } else { (open, sealed) };
        let cannot = || failed(&path, "cannot be written");
        if kept.logins.is_empty() {
            disk::remove(&path).map_err(cannot())?;
        } else {
            let text = serde_json::to_vec(kept).map_err(|error| cannot()(error.into()))?;
            let content = if is_sealed { self.seal(&path, text)? } else { text };
            disk::replace(&path, &content).map_err(cannot())?;
        }
        disk::remove(&other).map_err(cannot())
    }

    #[cfg(feature = "keyring")]
    fn open(&self, path: &Path, content: Vec<u8>) -> Result<Option<Vec<u8>>> {
        self.keyring.open(path, content)
    }

    #[cfg(feature = "keyring")]
    fn seal(&self, path: &Path, text: Vec<u8>) -> Result<Vec<u8>> {
        self.keyring.seal(path, text)
    }

    #[cfg(not(feature = "keyring"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    fn open(&self, path: &Path, _: Vec<u8>) -> Result<Option<Vec<u8>>> {
        Err(no_keyring(path))
    }

    #[cfg(not(feature = "keyring"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    fn seal(&self, path: &Path, _: Vec<u8>) -> Result<Vec<u8>> {
        Err(no_keyring(path))
    }
}

/// A login that a program with the feature sealed.
#[cfg(not(feature = "keyring"))]
fn no_keyring(path: &Path) -> OAuthError {
    let cause = io::Error::new(io::ErrorKind::Unsupported, "this program was built without the feature `keyring`");
    failed(path, "is sealed with a key in the keyring")(cause)
}

#[async_trait]
impl TokenStore for FileStore {
    async fn load(&self, server: &str) -> Result<Vec<Login>> {
        let (store, sealed, open) = (self.clone(), self.path(server, SEALED), self.path(server, OPEN));
        let kept = blocking(move || Ok(if sealed.exists() { store.read(&sealed)? } else { store.read(&open)? })).await?;
        Ok(kept.filter(|kept| kept.server == server).map(|kept| kept.logins).unwrap_or_default())
    }

    async fn lock(&self, server: &str) -> Result<Guard> {
        let (directory, path) = (self.directory.clone(), self.path(server, "lock"));
        let file = blocking(move || {
            disk::make_directory(&directory).map_err(failed(&directory, "cannot be made"))?;
            disk::lock_file(&path).map_err(failed(&path, "cannot be opened"))
        });
        let file = file.await?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Guard::new(server, file)),
                Err(TryLockError::WouldBlock) => sleep(PAUSE).await,
                Err(TryLockError::Error(error)) => return Err(failed(&self.path(server, "lock"), "cannot be locked")(error)),
            }
        }
    }

    async fn save(&self, guard: &Guard, logins: &[Login]) -> Result<()> {
        let kept = Kept { server: guard.server().to_owned(), logins: logins.to_vec() };
        let store = self.clone();
        blocking(move || store.write(&kept)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let ended = spawn_blocking(work).await;
    ended.unwrap_or_else(|error| Err(OAuthError::Store { what: "the store stopped".to_owned(), cause: io::Error::other(error) }))
}

fn failed(path: &Path, what: &str) -> impl FnOnce(io::Error) -> OAuthError {
    let what = format!("{} {what}", path.display());
    move |cause| OAuthError::Store { what, cause }
}
