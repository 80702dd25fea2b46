//! The thread that writes.

use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::work::{self, Job, Step, ended};
use crate::StoreError;

/// Jobs that wait to be taken; more callers wait for room. Enough for the next commit to be full while one is under way.
const WAITING: usize = 1024;
/// Jobs that share a commit. More would save no more, but let all of them wait for the last.
const TOGETHER: usize = 256;

/// When what was written may be answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Durability {
    /// When the operating system has it: it outlives the process.
    System,
    /// When the disk has it: it outlives the machine's power.
    Disk,
}

/// The thread that writes, and the way to it. Dropping it waits until all that was accepted is written.
pub(super) struct Writer {
    // Taken when it is dropped, and only then.
    jobs: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

struct Request {
    durability: Durability,
    job: Box<dyn Job>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&connection, waiting))
            .map_err(|error| StoreError::Unavailable(format!("no thread can be started: {error}")))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Does the work in a transaction, alone or with others, and answers when that has been committed.
    pub(super) async fn run<T, F>(&self, durability: Durability, function: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<Step<T>, StoreError> + Send + 'static,
    {
        let (job, answered) = work::job(function);
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        jobs.send(Request { durability, job }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        // A thread that panicked has nothing left to write.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(connection: &Connection, mut waiting: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    let mut current = None;
    while waiting.blocking_recv_many(&mut batch, TOGETHER) > 0 {
        let failed = commit(connection, &mut batch, &mut current).err();
        for request in batch.drain(..) {
            request.job.answer(failed.clone());
        }
    }
}

/// Does all of the batch in one transaction. What one job wrote is undone without the others if it says so.
fn commit(connection: &Connection, batch: &mut [Request], current: &mut Option<Durability>) -> Result<(), StoreError> {
    let wanted = batch.iter().map(|request| request.durability).max();
    if *current != wanted {
        let level = if wanted == Some(Durability::Disk) { "FULL" } else { "NORMAL" };
        connection.pragma_update(None, "synchronous", level)?;
        *current = wanted;
    }
    execute(connection, "BEGIN IMMEDIATE")?;
    let done = run_all(connection, batch).and_then(|()| execute(connection, "COMMIT"));
    // Some failures end the transaction by themselves.
    if done.is_err() && !connection.is_autocommit() {
        execute(connection, "ROLLBACK")?;
    }
    done
}

fn run_all(connection: &Connection, batch: &mut [Request]) -> Result<(), StoreError> {
    for request in batch {
        execute(connection, "SAVEPOINT job")?;
        if !request.job.run(connection) {
            execute(connection, "ROLLBACK TO job")?;
        }
        execute(connection, "RELEASE job")?;
    }
    Ok(())
}

fn execute(connection: &Connection, statement: &str) -> Result<(), StoreError> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().expect("memory opens");
        connection.execute_batch("CREATE TABLE things (a UNIQUE)").expect("the table is made");
        connection
    }

    fn insert(connection: &Connection, value: i64) -> Result<(), StoreError> {
        connection.execute("INSERT INTO things VALUES (?1)", [value])?;
        Ok(())
    }

    fn count(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM things", [], |row| row.get(0)).expect("they are counted")
    }

    #[test]
    fn jobs_of_one_commit_fail_each_for_itself() {
        let connection = connection();
        let (jobs, mut answers): (Vec<_>, Vec<_>) = [1, 2, 1, 3]
            .into_iter()
            .map(|value| {
                work::job(move |connection: &Connection| {
                    insert(connection, 10 + value)?;
                    insert(connection, value)?;
                    Ok(if value == 2 { Step::Discard(value) } else { Step::Keep(value) })
                })
            })
            .unzip();
        let mut batch: Vec<Request> = jobs.into_iter().map(|job| Request { durability: Durability::Disk, job }).collect();
        commit(&connection, &mut batch, &mut None).expect("it is committed");
        batch.into_iter().for_each(|request| request.job.answer(None));
        let answers: Vec<Option<i64>> = answers.iter_mut().map(|answer| answer.try_recv().expect("it was answered").ok()).collect();
        assert_eq!(answers, [Some(1), Some(2), None, Some(3)]);
        assert_eq!(count(&connection), 4);
    }

    #[test]
    fn the_disk_is_waited_for_if_one_of_the_jobs_has_to_be_on_it() {
        let connection = connection();
        let mut current = None;
        let mut level = |durabilities: &[Durability]| -> i64 {
            let request = |durability| Request { durability, job: work::job(|_: &Connection| Ok(Step::Keep(()))).0 };
            let mut batch: Vec<Request> = durabilities.iter().copied().map(request).collect();
            commit(&connection, &mut batch, &mut current).expect("it is committed");
            connection.pragma_query_value(None, "synchronous", |row| row.get(0)).expect("it can be read")
        };
        let (normal, full) = (1, 2);
        assert_eq!(level(&[Durability::System]), normal);
        assert_eq!(level(&[Durability::System, Durability::Disk, Durability::System]), full);
        assert_eq!(level(&[Durability::Disk]), full);
        assert_eq!(level(&[Durability::System, Durability::System]), normal);
    }

    #[tokio::test]
    async fn what_was_accepted_is_written_before_the_writer_is_gone() {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let path = directory.path().join("things.db");
        let connection = Connection::open(&path).expect("the file opens");
        connection.execute_batch("CREATE TABLE things (a UNIQUE)").expect("the table is made");
        let writer = Writer::start(connection).expect("it starts");
        for value in 0..20 {
            let (job, _) = work::job(move |connection: &Connection| insert(connection, value).map(Step::Keep));
            writer.jobs.as_ref().expect("it runs").try_send(Request { durability: Durability::System, job }).expect("there is room");
        }
        drop(writer);
        assert_eq!(count(&Connection::open(&path).expect("the file opens")), 20);
    }
}
