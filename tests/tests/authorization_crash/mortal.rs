//! A store whose process dies at one of its writes.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mcp_store::{Applied, Change, Index, Key, Page, Record, Sqlite, Store, StoreError, Time};

/// When a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Death {
    /// At which write, counted from 1.
    pub(crate) write: u64,
    /// Whether it is on the disk by then. Whoever asked for it does not hear of it.
    pub(crate) made: bool,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} write {}", if self.made { "after" } else { "before" }, self.write)
    }
}

impl FromStr for Death {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (side, write) = text.split_once(" write ").ok_or(())?;
        Ok(Self { write: write.parse().map_err(drop)?, made: side == "after" })
    }
}

/// A SQLite file that counts what is written to it, and at one of the writes kills its own process.
pub(crate) struct Mortal {
    store: Sqlite,
    fate: Mutex<Fate>,
}

#[derive(Default)]
struct Fate {
    writes: u64,
    death: Option<Death>,
}

impl Mortal {
    pub(crate) fn new(store: Sqlite) -> Self {
        Self { store, fate: Mutex::default() }
    }

    /// Counts from now on, and dies then if at all; how many writes there were before.
    pub(crate) fn dies(&self, death: Option<Death>) -> u64 {
        let fate = Fate { writes: 0, death };
        std::mem::replace(&mut *self.fate.lock().unwrap_or_else(PoisonError::into_inner), fate).writes
    }

    /// Writes something, unless that is where it ends.
    async fn write<T>(&self, doing: impl Future<Output = T>) -> T {
        let death = {
            let mut fate = self.fate.lock().unwrap_or_else(PoisonError::into_inner);
            fate.writes += 1;
            fate.death.filter(|death| death.write == fate.writes)
        };
        if death.is_some_and(|death| !death.made) {
            die();
        }
        let done = doing.await;
        if death.is_some() {
            die();
        }
        done
    }
}

/// Ends this process on the spot, as `kill -9` does.
fn die() -> ! {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};

        // What follows ends it as well.
        let _ = kill_process(getpid(), Signal::KILL);
    }
    std::process::abort()
}

#[async_trait]
impl Store for Mortal {
    async fn get(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
        self.store.get(key, now).await
    }

    async fn list(&self, by: Index<'_>, page: Page, now: Time) -> Result<Vec<Record>, StoreError> {
        self.store.list(by, page, now).await
    }

    async fn apply(&self, changes: Vec<Change>, now: Time) -> Result<Applied, StoreError> {
        self.write(self.store.apply(changes, now)).await
    }

    async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError> {
        self.write(self.store.purge(by)).await
    }

    async fn count(&self, key: &Key, by: u64, ttl: Duration, now: Time) -> Result<u64, StoreError> {
        let counting = self.store.count(key, by, ttl, now);
        if by == 0 { counting.await } else { self.write(counting).await }
    }

    async fn sweep(&self, now: Time, max: u64) -> Result<u64, StoreError> {
        self.write(self.store.sweep(now, max)).await
    }
}
