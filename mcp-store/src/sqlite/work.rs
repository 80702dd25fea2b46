//! Work that is handed to a thread with a connection.

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

/// What work came to.
pub(super) enum Step<T> {
    /// This is the answer, and what was written stays.
    Keep(T),
    /// This is the answer, and what was written does not stay.
    Discard(T),
}

/// Work whose answer waits until the connection's thread lets it go.
pub(super) trait Job: Send {
    /// Does it, and says whether what it wrote is to stay.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Tells whoever waits, or that it came to nothing.
    fn answer(self: Box<Self>, failed: Option<StoreError>);
}

/// One piece of work: the function, then what it came to.
struct Work<T, F> {
    function: Option<F>,
    result: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

/// The work, and where its answer will be.
pub(super) fn job<T, F>(function: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>)
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<Step<T>, StoreError> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    (Box::new(Work { function: Some(function), result: Err(ended()), answer }), answered)
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<Step<T>, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(function) = self.function.take() else { return false };
        let (result, keep) = match function(connection) {
            Ok(Step::Keep(value)) => (Ok(value), true),
            Ok(Step::Discard(value)) => (Ok(value), false),
            Err(error) => (Err(error), false),
        };
        self.result = result;
        keep
    }

    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        // Whoever no longer waits does not want to know.
        let _ = self.answer.send(failed.map_or(self.result, Err));
    }
}

/// The thread that should answer is gone.
pub(super) fn ended() -> StoreError {
    StoreError::Unavailable("its thread has ended".to_owned())
}
