//! Transactions of the connection that writes.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::open::PATIENCE;
use super::work::Step;
use crate::StoreError;

/// A disk that takes longer than this for a commit keeps nobody waiting on a thread that has other things to do.
const QUICK: Duration = Duration::from_micros(400);
/// Jobs after which it is time to fold the log into the file.
const MUCH: usize = 128;
/// Frames of the log, of 4 KiB each, after which SQLite folds it in the middle of a commit: if nobody else did for a long time.
const TOO_LONG: u32 = 16_000;

/// When what was written may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Durability {
    /// When the operating system has it: it outlives the process.
    System,
    /// When the disk has it: it outlives the machine's power.
    Disk,
}

/// The connection that writes, and what is known of it.
pub(super) struct Line {
    connection: Connection,
    durability: Option<Durability>,
    /// How long the disk took for the last commits, smoothed.
    pace: Duration,
    /// Jobs whose changes are in the log only, as far as is known here.
    unfolded: usize,
}

impl Line {
    /// A connection that waits for no other process unless it is told to.
    pub(super) fn new(connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "wal_autocheckpoint", TOO_LONG)?;
        // Nothing is known of the disk yet.
        Ok(Self { connection, durability: None, pace: QUICK * 2, unfolded: 0 })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether a transaction of one caller is so short that waiting for a thread would take longer.
    pub(super) fn is_quick(&self, durability: Durability) -> bool {
        durability == Durability::System || self.pace < QUICK
    }

    /// Whether there is so much in the log that somebody should fold it; yes once for as much.
    pub(super) fn has_grown(&mut self) -> bool {
        let much = self.unfolded >= MUCH;
        if much {
            self.unfolded = 0;
        }
        much
    }

    /// Does the work in a transaction of its own; gives it back if another process is writing.
    pub(super) fn alone<T, F>(&mut self, durability: Durability, function: F) -> Result<Result<T, StoreError>, F>
    where
        F: FnOnce(&Connection) -> Result<Step<T>, StoreError>,
    {
        match self.set(durability).and_then(|()| execute(&self.connection, "BEGIN IMMEDIATE")) {
            Ok(()) => {}
            Err(error) if is_busy(&error) => return Err(function),
            Err(error) => return Ok(Err(error.into())),
        }
        self.unfolded += 1;
        let done = match function(&self.connection) {
            Ok(Step::Keep(value)) => self.commit(durability).map(|()| value),
            Ok(Step::Discard(value)) => self.roll_back().map(|()| value),
            Err(error) => Err(error),
        };
        Ok(self.ended(done))
    }

    /// Does the work of some jobs in a transaction, however long that takes.
    pub(super) fn together(
        &mut self,
        durability: Durability,
        jobs: usize,
        work: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.unfolded += jobs;
        self.set(durability)?;
        self.connection.busy_timeout(PATIENCE)?;
        let begun = execute(&self.connection, "BEGIN IMMEDIATE");
        self.connection.busy_timeout(Duration::ZERO)?;
        begun?;
        let done = work(&self.connection).and_then(|()| self.commit(durability));
        self.ended(done)
    }

    fn commit(&mut self, durability: Durability) -> Result<(), StoreError> {
        let begun = Instant::now();
        execute(&self.connection, "COMMIT")?;
        if durability == Durability::Disk {
            // One that took long says little of the next one; many do.
            self.pace = (self.pace * 7 + begun.elapsed().min(QUICK * 2)) / 8;
        }
        Ok(())
    }

    fn roll_back(&self) -> Result<(), StoreError> {
        Ok(execute(&self.connection, "ROLLBACK")?)
    }

    /// Leaves no transaction open, whatever failed. Some failures end it by themselves.
    fn ended<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if done.is_err() && !self.connection.is_autocommit() {
            self.roll_back()?;
        }
        done
    }

    fn set(&mut self, durability: Durability) -> rusqlite::Result<()> {
        if self.durability != Some(durability) {
            let level = if durability == Durability::Disk { "FULL" } else { "NORMAL" };
            self.connection.pragma_update(None, "synchronous", level)?;
            self.durability = Some(durability);
        }
        Ok(())
    }
}

pub(super) fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}
