//! Records of who was allowed and denied what, chained so that changes show.

mod chain;
mod check;
mod file;
mod line;
mod sink;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use mcp_core::{Audit, AuditEvent, Verdict};

pub use chain::ChainHead;
pub use check::{ChainCheck, ChainError, ChainFault, ChainSummary, verify_chain};
pub use file::FileSink;
pub use sink::{AuditSink, MemorySink};

/// Writes every decision as a `tracing` event and as one line of JSON.
///
/// Each line holds the hash of the line before it and ends with its own, `SHA-256(prev ‖ line without hash)`,
/// so that [`verify_chain`] finds the first line that was changed, removed, inserted or moved. The chain has no
/// key: who can write the whole file can write a whole new chain, and who can cut lines off its end leaves a
/// chain that is sound. Keep [`AuditLog::head`] elsewhere now and then and check against it
/// ([`ChainCheck::expect_head`]) to notice that too.
///
/// A line that cannot be written is lost and reported by `tracing` as an error; the next line says in
/// `lost` how many went missing before it.
pub struct AuditLog {
    sink: Box<dyn AuditSink>,
    state: Mutex<State>,
}

struct State {
    head: ChainHead,
    lost: u64,
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("head", &self.head()).finish_non_exhaustive()
    }
}

impl AuditLog {
    /// A log that begins a chain.
    pub fn new(sink: impl AuditSink) -> Self {
        Self::resuming(sink, ChainHead::default())
    }

    /// A log that continues the chain after `head`.
    pub fn resuming(sink: impl AuditSink, head: ChainHead) -> Self {
        Self { sink: Box::new(sink), state: Mutex::new(State { head, lost: 0 }) }
    }

    /// A log in a file, which is created if it is not there and continued if it is; see [`FileSink::open`].
    ///
    /// # Errors
    /// Those of [`FileSink::open`].
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let (sink, head) = FileSink::open(path)?;
        Ok(Self::resuming(sink, head))
    }

    /// The last line that was written, to be remembered elsewhere.
    pub fn head(&self) -> ChainHead {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).head.clone()
    }
}

impl Audit for AuditLog {
    fn record(&self, event: &AuditEvent<'_>) {
        trace(event);
        // One lock from the hash of the last line to the writing of the next: the chain has one order.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = state.head.seq.saturating_add(1);
        let written = line::body(event, seq, state.lost, &state.head.hash).map_err(io::Error::from).and_then(|body| {
            let (line, head) = chain::seal(&state.head.hash, seq, &body);
            self.sink.append(&line).map(|()| head)
        });
        match written {
            Ok(head) => *state = State { head, lost: 0 },
            Err(error) => {
                state.lost = state.lost.saturating_add(1);
                let lost = state.lost;
                drop(state);
                tracing::error!(%error, lost, "an audit record could not be kept");
            }
        }
    }
}

/// Says the same without the arguments, which belong into the file alone.
fn trace(event: &AuditEvent<'_>) {
    let (subject, client) = (event.principal.subject().map(line::cut), event.principal.client().map(line::cut));
    let (subject, client) = (subject.as_deref(), client.as_deref());
    let (operation, item) = (&*line::cut(event.operation), &*line::cut(event.item));
    let (verdict, reason) = line::verdict(event.verdict);
    let (transport, address) = (event.transport.as_str(), event.address.map(tracing::field::display));
    match event.verdict {
        Verdict::Denied(_) => tracing::warn!(subject, client, address, operation, item, transport, verdict, reason, "denied"),
        _ => tracing::info!(subject, client, address, operation, item, transport, verdict, latency = ?event.latency, "allowed"),
    }
}
