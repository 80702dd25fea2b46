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
        let open = Open(&self.connection);
        let done = match function(open.0) {
            Ok(Step::Keep(value)) => open.commit().map(|took| (value, Some(took))),
            Ok(Step::Discard(value)) => open.roll_back().map(|()| (value, None)),
            Err(error) => Err(error),
        };
        drop(open);
        Ok(done.map(|(value, took)| {
            self.learn(durability, took);
            value
        }))
    }

    /// Does the work of some jobs in a transaction, however long that takes.
    pub(super) fn together(
        &mut self,
        durability: Durability,
        jobs: usize,
        work: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.connection.busy_timeout(PATIENCE)?;
        let begun = self.set(durability).and_then(|()| execute(&self.connection, "BEGIN IMMEDIATE"));
        let open = Open(&self.connection);
        self.connection.busy_timeout(Duration::ZERO)?;
        begun?;
        self.unfolded += jobs;
        work(open.0)?;
        let took = open.commit()?;
        drop(open);
        self.learn(durability, Some(took));
        Ok(())
    }

    /// Remembers how long the disk took.
    fn learn(&mut self, durability: Durability, took: Option<Duration>) {
        if let Some(took) = took.filter(|_| durability == Durability::Disk) {
            self.pace = smoothed(self.pace, took);
        }
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

/// A transaction that is open. Dropping it undoes what was not committed, also when a job panicked.
struct Open<'c>(&'c Connection);

impl Open<'_> {
    /// Answers how long it took.
    fn commit(&self) -> Result<Duration, StoreError> {
        let begun = Instant::now();
        execute(self.0, "COMMIT")?;
        Ok(begun.elapsed())
    }

    fn roll_back(&self) -> Result<(), StoreError> {
        Ok(execute(self.0, "ROLLBACK")?)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // Some failures end the transaction by themselves; if it cannot be ended, the next one says so.
        if !self.0.is_autocommit() {
            let _ = self.roll_back();
        }
    }
}

/// The pace of a disk that took so long for its last commit: one that took very long is enough to be left alone for a while.
fn smoothed(pace: Duration, took: Duration) -> Duration {
    (pace * 7 + took.min(QUICK * 8)) / 8
}

pub(super) fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_stalls_is_left_alone_until_it_was_quick_for_a_while() {
        let millis = Duration::from_millis;
        let mut pace = Duration::from_micros(100);
        pace = smoothed(pace, millis(300));
        assert!(pace > QUICK, "{pace:?}");
        let again = (1..).find(|_| {
            pace = smoothed(pace, Duration::from_micros(100));
            pace < QUICK
        });
        assert_eq!(again, Some(2));
        // Now and then a commit takes four times as long as others do.
        pace = smoothed(Duration::from_micros(100), Duration::from_micros(400));
        assert!(pace < QUICK, "{pace:?}");
    }

    #[test]
    fn a_job_that_panics_leaves_no_transaction_open() {
        let mut line = Line::new(Connection::open_in_memory().expect("memory opens")).expect("it can be set up");
        line.connection().execute_batch("CREATE TABLE things (a)").expect("the table is made");
        let job = |connection: &Connection| -> Result<Step<()>, StoreError> {
            connection.execute("INSERT INTO things VALUES (1)", [])?;
            panic!("a mistake")
        };
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| line.alone(Durability::Disk, job).is_ok()));
        assert!(panicked.is_err());
        assert!(line.connection().is_autocommit());
        let left: i64 = line.connection().query_row("SELECT count(*) FROM things", [], |row| row.get(0)).expect("they are counted");
        assert_eq!(left, 0);
    }
}
