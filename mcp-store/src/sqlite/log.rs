//! The thread that folds the write-ahead log into the file.

use std::path::Path;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::line::Line;
use super::open;
use crate::StoreError;

/// Frames of the log, of 4 KiB each, after which writers wait a moment, for it begins anew only when all of it is in the file.
const LONG: i64 = 1_000;

/// A thread that folds the log into the file beside those who write, who would otherwise wait for that in the middle of a commit.
pub(super) struct Folding {
    // Taken when it is dropped, and only then.
    nudges: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Folding {
    pub(super) fn start(path: &Path, line: Arc<Mutex<Line>>) -> Result<Self, StoreError> {
        let connection = open::connect(path)?;
        let (nudges, nudged) = mpsc::sync_channel(1);
        let serve = move || {
            while nudged.recv().is_ok() {
                // What could not be folded now is folded later: by this thread, or by SQLite in the middle of a commit.
                let _ = fold(&connection, &line);
            }
        };
        let thread = thread::Builder::new()
            .name("store-log".to_owned())
            .spawn(serve)
            .map_err(|error| StoreError::Unavailable(format!("no thread can be started: {error}")))?;
        Ok(Self { nudges: Some(nudges), thread: Some(thread) })
    }

    /// Says that there is something to fold.
    pub(super) fn nudge(&self) {
        // If the last nudge was not taken yet, it is for this as well.
        let _ = self.nudges.as_ref().map(|nudges| nudges.try_send(()));
    }
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.nudges = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn fold(connection: &Connection, line: &Mutex<Line>) -> Result<(), StoreError> {
    // Nearly all of it while others write, so that there is little left to wait for.
    if checkpoint(connection)? > LONG
        && let Ok(line) = line.lock()
    {
        checkpoint(line.connection())?;
    }
    Ok(())
}

/// Folds what is in the log, and answers how many frames it has.
fn checkpoint(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?)
}
