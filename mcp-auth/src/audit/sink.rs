//! Where lines are kept.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps lines in the order in which they come, and never changes one.
pub trait AuditSink: Send + Sync + 'static {
    /// Keeps one line, which holds no line end. It is called for one line at a time.
    ///
    /// # Errors
    /// When the line is not kept. Nothing of it may remain then.
    fn append(&self, line: &str) -> io::Result<()>;
}

/// Keeps lines in memory, without a bound: for tests.
#[derive(Clone, Debug, Default)]
pub struct MemorySink(Arc<Mutex<Vec<String>>>);

impl MemorySink {
    /// The lines so far. A clone made before the sink was handed over sees them too.
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl AuditSink for MemorySink {
    fn append(&self, line: &str) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
        Ok(())
    }
}
