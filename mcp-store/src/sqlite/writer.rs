//! The connection that writes, and the thread that has it when others want it too.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::line::{Durability, Line, execute};
use super::log::Folding;
use super::work::{self, Job, Step, ended};
use crate::StoreError;

/// Jobs that wait to be taken; more callers wait for room. Enough for the next commit to be full while one is under way.
const WAITING: usize = 1024;
/// Jobs that share a commit. More would save no more, but let all of them wait for the last.
const TOGETHER: usize = 256;

/// The connection that writes. Dropping it waits until all that was accepted is written.
///
/// Who finds nobody there does its work itself, which spares it two changes of thread; see [`Line::is_quick`] for when. All others
/// hand it to a thread, which does whatever waits in one transaction.
pub(super) struct Writer {
    shared: Arc<Shared>,
    // Taken when it is dropped, and only then.
    jobs: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    line: Arc<Mutex<Line>>,
    folding: Folding,
    /// Jobs that were handed over and are not done.
    waiting: AtomicUsize,
}

struct Request {
    durability: Durability,
    job: Box<dyn Job>,
}

impl Writer {
    /// Writes through a connection to the file of this name.
    pub(super) fn start(connection: Connection, path: &Path) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let line = Arc::new(Mutex::new(Line::new(connection)?));
        let folding = Folding::start(path, Arc::clone(&line))?;
        let shared = Arc::new(Shared { line, folding, waiting: AtomicUsize::new(0) });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&own, waiting))
            .map_err(|error| StoreError::Unavailable(format!("no thread can be started: {error}")))?;
        Ok(Self { shared, jobs: Some(jobs), thread: Some(thread) })
    }

    /// Does work that ends soon in a transaction, here if nobody else writes and the disk is quick, and otherwise as [`run`](Self::run) does.
    pub(super) async fn run_soon<T, F>(&self, durability: Durability, function: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<Step<T>, StoreError> + Send + 'static,
    {
        match self.at_once(durability, function) {
            Ok(done) => {
                // Who does a great deal lets others have their turn in between.
                tokio::task::consume_budget().await;
                done
            }
            Err(function) => self.run(durability, function).await,
        }
    }

    /// Does the work in a transaction, alone or with others, on the thread, and answers when that has been committed.
    pub(super) async fn run<T, F>(&self, durability: Durability, function: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<Step<T>, StoreError> + Send + 'static,
    {
        let (job, answered) = work::job(function);
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        let room = jobs.reserve().await.map_err(|_| ended())?;
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        room.send(Request { durability, job });
        answered.await.map_err(|_| ended())?
    }

    /// Reads something small through the connection if nobody is using it; what it last wrote is still in its memory.
    pub(super) fn read<T>(&self, function: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Option<Result<T, StoreError>> {
        // The thread waits for it as well.
        if self.shared.waiting.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let line = self.shared.line.try_lock().ok()?;
        Some(function(line.connection()))
    }

    fn at_once<T, F>(&self, durability: Durability, function: F) -> Result<Result<T, StoreError>, F>
    where
        F: FnOnce(&Connection) -> Result<Step<T>, StoreError>,
    {
        // Who came before is not overtaken, or the thread might never have its turn.
        if self.shared.waiting.load(Ordering::Relaxed) > 0 {
            return Err(function);
        }
        match self.shared.line.try_lock() {
            Ok(mut line) if line.is_quick(durability) => {
                let done = line.alone(durability, function);
                self.shared.fold_if_much(line);
                done
            }
            _ => Err(function),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        // A thread that panicked has nothing left to write.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn fold_if_much(&self, mut line: MutexGuard<'_, Line>) {
        let much = line.has_grown();
        drop(line);
        if much {
            self.folding.nudge();
        }
    }
}

fn serve(shared: &Shared, mut waiting: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while waiting.blocking_recv_many(&mut batch, TOGETHER) > 0 {
        // Somebody panicked with the connection in hand: nobody knows what is in its transaction.
        let Ok(mut line) = shared.line.lock() else { return };
        let failed = commit(&mut line, &mut batch).err();
        shared.fold_if_much(line);
        shared.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        for request in batch.drain(..) {
            request.job.answer(failed.clone());
        }
    }
}

/// Does all of the batch in one transaction. What one job wrote is undone without the others if it says so.
fn commit(line: &mut Line, batch: &mut [Request]) -> Result<(), StoreError> {
    let durability = batch.iter().map(|request| request.durability).max().unwrap_or(Durability::System);
    line.together(durability, batch.len(), |connection| run_all(connection, batch))
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
        let mut line = Line::new(connection()).expect("it can be set up");
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
        commit(&mut line, &mut batch).expect("it is committed");
        batch.into_iter().for_each(|request| request.job.answer(None));
        let answers: Vec<Option<i64>> = answers.iter_mut().map(|answer| answer.try_recv().expect("it was answered").ok()).collect();
        assert_eq!(answers, [Some(1), Some(2), None, Some(3)]);
        assert_eq!(count(line.connection()), 4);
    }

    #[test]
    fn the_disk_is_waited_for_if_one_of_the_jobs_has_to_be_on_it() {
        let mut line = Line::new(connection()).expect("it can be set up");
        let mut level = |durabilities: &[Durability]| -> i64 {
            let request = |durability| Request { durability, job: work::job(|_: &Connection| Ok(Step::Keep(()))).0 };
            let mut batch: Vec<Request> = durabilities.iter().copied().map(request).collect();
            commit(&mut line, &mut batch).expect("it is committed");
            line.connection().pragma_query_value(None, "synchronous", |row| row.get(0)).expect("it can be read")
        };
        let (normal, full) = (1, 2);
        assert_eq!(level(&[Durability::System]), normal);
        assert_eq!(level(&[Durability::System, Durability::Disk, Durability::System]), full);
        assert_eq!(level(&[Durability::Disk]), full);
        assert_eq!(level(&[Durability::System, Durability::System]), normal);
    }

    /// A writer of a file, and another connection to that.
    fn writer() -> (Writer, Connection, tempfile::TempDir) {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let path = directory.path().join("things.db");
        let [connection, other] = [(); 2].map(|()| Connection::open(&path).expect("the file opens"));
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE things (a UNIQUE)").expect("the table is made");
        (Writer::start(connection, &path).expect("it starts"), other, directory)
    }

    #[test]
    fn what_was_accepted_is_written_before_the_writer_is_gone() {
        let (writer, other, _directory) = writer();
        for value in 0..20 {
            let (job, _) = work::job(move |connection: &Connection| insert(connection, value).map(Step::Keep));
            writer.shared.waiting.fetch_add(1, Ordering::Relaxed);
            writer.jobs.as_ref().expect("it runs").try_send(Request { durability: Durability::System, job }).expect("there is room");
        }
        drop(writer);
        assert_eq!(count(&other), 20);
    }

    /// Does work at once if it may, and says whether it was.
    fn is_done_here(writer: &Writer, durability: Durability) -> bool {
        match writer.at_once(durability, |_: &Connection| Ok(Step::Keep(thread::current().id()))) {
            Ok(done) => done == Ok(thread::current().id()),
            Err(_) => false,
        }
    }

    #[test]
    fn who_finds_nobody_there_writes_itself() {
        let (writer, _other, _directory) = writer();
        assert!(is_done_here(&writer, Durability::System));
        assert!(!is_done_here(&writer, Durability::Disk), "nothing is known of the disk");
        let held = writer.shared.line.lock().expect("nobody panicked");
        assert!(!is_done_here(&writer, Durability::System), "somebody else writes");
        drop(held);
        writer.shared.waiting.store(1, Ordering::Relaxed);
        assert!(!is_done_here(&writer, Durability::System), "somebody came before");
        writer.shared.waiting.store(0, Ordering::Relaxed);
        assert!(is_done_here(&writer, Durability::System));
    }

    #[tokio::test]
    async fn a_job_that_finds_another_process_writing_is_left_to_the_thread() {
        let (writer, other, _directory) = writer();
        assert!(is_done_here(&writer, Durability::System));
        other.execute_batch("BEGIN IMMEDIATE; INSERT INTO things VALUES (1)").expect("it writes");
        assert!(!is_done_here(&writer, Durability::System));
        let waiting = writer.run_soon(Durability::System, |connection| insert(connection, 2).map(Step::Keep));
        let (written, ()) = tokio::join!(waiting, async { other.execute_batch("COMMIT").expect("it is written") });
        written.expect("it was waited for");
        assert_eq!(count(&other), 2);
    }
}
