//! Which resources are watched: those that some open stream would tell of.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Shared;
use crate::session::Session;

/// The session of a stream, once it has one.
pub(super) type SessionOf = Arc<dyn Fn() -> Option<Arc<Session>> + Send + Sync>;

/// The streams that are open.
#[derive(Default)]
pub(crate) struct Watching(Mutex<Table>);

#[derive(Default)]
struct Table {
    next: u64,
    streams: HashMap<u64, Stream>,
}

/// What a stream tells of.
#[derive(Clone)]
pub(super) enum Stream {
    /// These resources, for this caller.
    Resources(Arc<str>, Arc<BTreeSet<String>>),
    /// Whatever its session subscribes to.
    Session(SessionOf),
}

/// A stream that is open until this is dropped.
pub(super) struct Open {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.watching.table().streams.remove(&self.number);
        self.shared.watching_changed();
    }
}

impl Watching {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Takes note of a stream that opens.
    pub(super) fn watch(self: &Arc<Self>, stream: Stream) -> Open {
        let number = {
            let mut table = self.watching.table();
            table.next += 1;
            let number = table.next;
            table.streams.insert(number, stream);
            number
        };
        self.watching_changed();
        Open { shared: Arc::clone(self), number }
    }

    /// Tells whoever wants to know that other resources may be watched than before.
    pub(crate) fn watching_changed(&self) {
        self.watchers.iter().for_each(|told| told());
    }

    /// The resources that each caller watches.
    pub(crate) fn watched(&self) -> Vec<BTreeSet<String>> {
        let streams: Vec<Stream> = self.watching.table().streams.values().cloned().collect();
        let mut watched: HashMap<Arc<str>, BTreeSet<String>> = HashMap::new();
        for stream in streams {
            match stream {
                Stream::Resources(caller, uris) => watched.entry(caller).or_default().extend(uris.iter().cloned()),
                Stream::Session(session) => {
                    if let Some(session) = session() {
                        watched.entry(session.binding()).or_default().extend(self.sessions.subscriptions(&session));
                    }
                }
            }
        }
        watched.into_values().collect()
    }
}
