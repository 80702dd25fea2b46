//! Everything that was decided about callers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mcp_core::{Audit, AuditEvent, Verdict};

/// What was recorded: operation, verdict, and who it was.
pub(crate) type Recorded = (String, Verdict, Option<String>);

#[derive(Default)]
pub(crate) struct Events(Mutex<Vec<Recorded>>);

impl Events {
    pub(crate) fn all(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Audit for Events {
    fn record(&self, event: &AuditEvent<'_>) {
        self.all().push((event.operation.to_owned(), event.verdict, event.principal.subject().map(str::to_owned)));
    }
}
