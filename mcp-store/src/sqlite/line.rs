//! Transactions of the connection that writes.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::open::PATIENCE;
use super::work::Step;
use crate::StoreError;

/// A disk that takes longer than this for a commit keeps nobody waiting on a thread that has other things to do.
const QUICK: Duration = Duration::from_micros(400);
/// Transactions that callers make themselves, one after the other, before the thread has a turn and looks after the log.
const ALONE: u32 = 128;
/// Pages of the log after which it is folded into the file; SQLite's own default.
const LOG_PAGES: u32 = 1_000;

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
    /// Whether a commit may fold the log into the file, which takes milliseconds.
    folds: bool,
    /// How long the disk took for the last commits, smoothed.
    pace: Duration,
    /// Transactions made by callers since the thread's last one.
    alone: u32,
}

impl Line {
    /// A connection that waits for no other process unless it is told to.
    pub(super) fn new(connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(Duration::ZERO)?;
        // Nothing is known of the disk yet.
        Ok(Self { connection, durability: None, folds: true, pace: QUICK * 2, alone: 0 })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether a transaction of one caller is so short that waiting for a thread would take longer.
    pub(super) fn is_quick(&self, durability: Durability) -> bool {
        self.alone < ALONE && (durability == Durability::System || self.pace < QUICK)
    }

    /// Does the work in a transaction of its own; gives it back if another process is writing.
    pub(super) fn alone<T, F>(&mut self, durability: Durability, function: F) -> Result<Result<T, StoreError>, F>
    where
        F: FnOnce(&Connection) -> Result<Step<T>, StoreError>,
    {
        match self.set(durability, false).and_then(|()| execute(&self.connection, "BEGIN IMMEDIATE")) {
            Ok(()) => {}
            Err(error) if is_busy(&error) => return Err(function),
            Err(error) => return Ok(Err(error.into())),
        }
        self.alone += 1;
        let done = match function(&self.connection) {
            Ok(Step::Keep(value)) => self.commit(durability).map(|()| value),
            Ok(Step::Discard(value)) => self.roll_back().map(|()| value),
            Err(error) => Err(error),
        };
        Ok(self.ended(done))
    }

    /// Does the work in a transaction, however long that takes, and then folds the log into the file if it has grown.
    pub(super) fn together(
        &mut self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.alone = 0;
        self.set(durability, true)?;
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

    fn set(&mut self, durability: Durability, folds: bool) -> rusqlite::Result<()> {
        if self.durability != Some(durability) {
            let level = if durability == Durability::Disk { "FULL" } else { "NORMAL" };
            self.connection.pragma_update(None, "synchronous", level)?;
            self.durability = Some(durability);
        }
        if self.folds != folds {
            self.connection.pragma_update(None, "wal_autocheckpoint", if folds { LOG_PAGES } else { 0 })?;
            self.folds = folds;
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
