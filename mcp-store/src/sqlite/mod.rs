//! The store in a SQLite file.

mod backup;
mod faults;
mod line;
mod log;
mod open;
mod readers;
mod rows;
mod schema;
mod work;
mod writer;
mod writes;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;

use crate::{Applied, Change, Index, Key, Page, Record, Store, StoreError, Time};
use line::Durability;
use readers::Readers;
use writer::Writer;

/// Keeps everything in one SQLite file, which several processes of one machine may have open at once.
///
/// A caller that finds nobody else there does its work itself: a read of one record, or a commit while the disk takes less than some
/// 0.4 ms for one. All others hand theirs to threads. One of these writes; all that is waiting when it comes around shares one commit, so
/// many callers at once cost the disk little more than one. Others read, and wait for no writer. Dropping the store waits until all
/// that was accepted is written.
///
/// Nothing else in the process may open the file, and be it to read: when that is closed, the operating system drops the locks by which SQLite
/// keeps other processes from harming it (SQLite, "How To Corrupt", section 2.2). A server whose tools read files keeps its store elsewhere.
///
/// Beside the file `name` there are `name-wal` and `name-shm` while it is open. All three belong together: copy it with
/// [`backup_to`](Self::backup_to).
pub struct Sqlite {
    path: PathBuf,
    // The readers end first, so that the writer is the last to close the file and folds the log into it.
    readers: Readers,
    writer: Writer,
}

impl Sqlite {
    /// Opens the file, or creates it so that only its owner may read it. Its directory has to exist.
    ///
    /// A file of an older version is brought up to date. This blocks for as long as the disk takes.
    ///
    /// # Errors
    /// [`StoreError::Setup`] if there is no such directory, if the file is not a store or was written by a newer version of it;
    /// [`StoreError::Unavailable`] and [`StoreError::Corrupt`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let connection = open::create(path)?;
        // The working directory may change; the file does not.
        let path = path.canonicalize().map_err(|error| open::io(path, &error))?;
        Ok(Self { readers: Readers::start(&path)?, writer: Writer::start(connection, &path)?, path })
    }

    /// Writes a copy of the store as it is now to a new file, which only its owner may read. Reading and writing go on meanwhile.
    ///
    /// The copy is durable when this returns, and is opened like any other store.
    ///
    /// # Errors
    /// [`StoreError::Setup`] if the file exists or cannot be created; any of reading and writing, and then there is no copy.
    pub async fn backup_to(&self, path: impl AsRef<Path>) -> Result<(), StoreError> {
        backup::write(self.path.clone(), path.as_ref().to_owned()).await
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn get(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
        match self.writer.read(|connection| rows::get(connection, key, now)) {
            Some(Ok(found)) => {
                tokio::task::consume_budget().await;
                Ok(found)
            }
            // Somebody is using that connection, or another process keeps it from reading for a moment.
            _ => {
                let key = key.clone();
                self.readers.run(move |connection| rows::get(connection, &key, now)).await
            }
        }
    }

    async fn apply(&self, changes: Vec<Change>, now: Time) -> Result<Applied, StoreError> {
        changes.iter().try_for_each(Change::check)?;
        self.writer.run_soon(Durability::Disk, move |connection| writes::apply(connection, changes, now)).await
    }

    async fn list(&self, by: Index<'_>, page: Page, now: Time) -> Result<Vec<Record>, StoreError> {
        let selection = rows::Selection::from(by);
        self.readers.run(move |connection| rows::list(connection, &selection, page, now)).await
    }

    async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError> {
        let selection = rows::Selection::from(by);
        self.writer.run(Durability::Disk, move |connection| writes::purge(connection, &selection)).await
    }

    async fn count(&self, key: &Key, by: u64, ttl: Duration, now: Time) -> Result<u64, StoreError> {
        key.check()?;
        let key = key.clone();
        self.writer.run_soon(Durability::System, move |connection| writes::count(connection, &key, by, now + ttl, now)).await
    }

    async fn sweep(&self, now: Time, max: u64) -> Result<u64, StoreError> {
        self.writer.run(Durability::System, move |connection| writes::sweep(connection, now, max)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::store_suite!(async || {
        let directory = tempfile::tempdir().expect("a directory can be made");
        (Sqlite::open(directory.path().join("store.db")).expect("the store opens"), directory)
    });
}
