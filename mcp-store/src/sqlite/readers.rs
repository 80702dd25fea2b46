//! The threads that read.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::open;
use super::work::{self, Job, Step, ended};
use crate::StoreError;

/// How many threads read. What they read is nearly always in memory, so they are bound by the processor.
const THREADS: usize = 4;
/// Jobs that wait for one thread; more callers wait for room.
const WAITING: usize = 256;

/// Threads with a connection each, which see what was last committed and wait for no writer.
pub(super) struct Readers {
    threads: Vec<Reader>,
    next: AtomicUsize,
}

struct Reader {
    // Taken when it is dropped, and only then.
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let threads = (0..THREADS).map(|number| Reader::start(open::reader(path)?, number)).collect::<Result<_, _>>()?;
        Ok(Self { threads, next: AtomicUsize::new(0) })
    }

    /// Does the work on one of the threads.
    pub(super) async fn run<T, F>(&self, function: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, answered) = work::job(move |connection: &Connection| function(connection).map(Step::Keep));
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.threads.len();
        let jobs = self.threads[turn].jobs.as_ref().ok_or_else(ended)?;
        jobs.send(job).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Reader {
    fn start(connection: Connection, number: usize) -> Result<Self, StoreError> {
        let (jobs, mut waiting) = mpsc::channel::<Box<dyn Job>>(WAITING);
        let serve = move || {
            while let Some(mut job) = waiting.blocking_recv() {
                job.run(&connection);
                job.answer(None);
            }
        };
        let thread = thread::Builder::new()
            .name(format!("store-reader-{number}"))
            .spawn(serve)
            .map_err(|error| StoreError::Unavailable(format!("no thread can be started: {error}")))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.jobs = None;
        // A thread that panicked has closed its connection, too.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
