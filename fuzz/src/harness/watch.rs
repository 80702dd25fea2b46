//! Notices a run that does not end.

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::artifact;

/// How long one run may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Watches one run at a time, from a thread of its own.
pub(super) struct Watch(Arc<Mutex<Option<Run>>>);

struct Run {
    start: Instant,
    input: Vec<u8>,
}

fn lock(run: &Mutex<Option<Run>>) -> MutexGuard<'_, Option<Run>> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    pub(super) fn start(target: &'static str) -> Self {
        let run = Arc::new(Mutex::new(None));
        let watched = Arc::clone(&run);
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(1));
                if let Some(Run { start, input }) = &*lock(&watched)
                    && start.elapsed() > PATIENCE
                {
                    let kept = artifact::keep(target, input);
                    eprintln!("{target}: a run takes longer than {PATIENCE:?}\ninput: {}\n{kept}", input.escape_ascii());
                    process::exit(1);
                }
            }
        });
        Self(run)
    }

    /// Watches the run of an input until what is returned is dropped.
    pub(super) fn over(&self, input: &[u8]) -> Watched<'_> {
        *lock(&self.0) = Some(Run { start: Instant::now(), input: input.to_vec() });
        Watched(self)
    }
}

pub(super) struct Watched<'a>(&'a Watch);

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        *lock(&self.0.0) = None;
    }
}
