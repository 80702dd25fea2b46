//! Logins in files that only their owner can read.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::{Guard, TokenStore};
use crate::oauth::error::{OAuthError, Result};
use crate::oauth::login::Login;
use crate::oauth::random;

/// How often a lock that another process holds is asked for: the system cannot be waited for without a thread.
const PAUSE: Duration = Duration::from_millis(20);
/// Largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Logins in a directory, a file for each server, which all processes of a user share.
///
/// The directory and its files can be read by their owner only. A file is replaced as a whole, and is on the disk before
/// its tokens are used; beside it is a file that is only ever locked. What was locked by a process that died is free again.
#[derive(Clone, Debug)]
pub struct FileStore {
    directory: PathBuf,
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
        Self { directory: directory.into() }
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
            if path.extension().is_some_and(|extension| extension == "json") {
                servers.extend(read(&path)?.filter(|kept| !kept.logins.is_empty()).map(|kept| kept.server));
            }
        }
        servers.sort();
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
}

#[async_trait]
impl TokenStore for FileStore {
    async fn load(&self, server: &str) -> Result<Vec<Login>> {
        let path = self.path(server, "json");
        let kept = blocking(move || read(&path)).await?;
        Ok(kept.filter(|kept| kept.server == server).map(|kept| kept.logins).unwrap_or_default())
    }

    async fn lock(&self, server: &str) -> Result<Guard> {
        let (directory, path) = (self.directory.clone(), self.path(server, "lock"));
        let file = blocking(move || {
            make_directory(&directory).map_err(failed(&directory, "cannot be made"))?;
            private(OpenOptions::new().create(true).truncate(false).write(true)).open(&path).map_err(failed(&path, "cannot be opened"))
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
        let path = self.path(guard.server(), "json");
        let kept = Kept { server: guard.server().to_owned(), logins: logins.to_vec() };
        blocking(move || {
            let written = if kept.logins.is_empty() { remove(&path) } else { replace(&path, &kept) };
            written.map_err(failed(&path, "cannot be written"))
        })
        .await
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

fn read(path: &Path) -> Result<Option<Kept>> {
    let cannot = || failed(path, "cannot be read");
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(cannot())?,
    };
    let mut text = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, LARGEST), &mut text).map_err(cannot())?;
    serde_json::from_slice(&text).map(Some).map_err(|error| cannot()(error.into()))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Writes another file and puts it in place of the first; only the holder of the lock does, so its name is free.
fn replace(path: &Path, kept: &Kept) -> io::Result<()> {
    let new = path.with_extension("new");
    remove(&new)?;
    let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&new)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_directory(path)
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

/// Elsewhere, files of a user's own directories are private as they are.
#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
