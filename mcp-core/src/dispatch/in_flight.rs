//! Calls that are running, so that they can be cancelled and their ids not reused.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::access::Principal;
use crate::call::{CallState, Transport};
use crate::protocol::frame::RequestId;
use crate::session::SessionId;

/// Within what an id names one request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// A connection that carries all messages of one client.
    Connection(u64),
    /// A session.
    Session(SessionId),
    /// Requests without either: the caller and its address, which several clients may share.
    Caller(Arc<str>, Option<IpAddr>),
}

type Table = HashMap<(Scope, RequestId), Vec<Running>>;

/// A call, and whether it listens for news.
#[derive(Clone)]
struct Running {
    call: Arc<CallState>,
    listens: bool,
}

/// The calls that did not answer at once.
#[derive(Default)]
pub(crate) struct InFlight {
    count: AtomicUsize,
    listeners: AtomicUsize,
    table: Mutex<Table>,
}

impl InFlight {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls are running.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// How many streams of news are open.
    pub(crate) fn listeners(&self) -> usize {
        self.listeners.load(Ordering::Relaxed)
    }

    /// Whether there is no place of `most` for another call of a caller, or for another stream of news. One caller leaves a quarter to the others; there are
    /// none at the other end of standard streams.
    pub(crate) fn is_full(&self, caller: &Principal, transport: Transport, listens: bool, most: usize) -> bool {
        let running = self.counter(listens).load(Ordering::Relaxed);
        let share = if transport == Transport::Stdio { most } else { most - most / 4 };
        if running < share {
            return false;
        }
        running >= most || {
            let binding = caller.binding();
            let is_own = |running: &&Running| running.listens == listens && running.call.principal.binding() == binding;
            self.table().values().flatten().filter(is_own).count() >= share
        }
    }

    /// Whether a request with this id is running where ids must differ.
    pub(crate) fn holds(&self, scope: &Scope, id: &RequestId) -> bool {
        self.count() + self.listeners() > 0
            && !matches!(scope, Scope::Caller(..))
            && self.table().contains_key(&(scope.clone(), id.clone()))
    }

    /// Enters a call, or a stream of news, which may be open for long and is counted apart.
    pub(crate) fn register(&self, scope: Scope, call: &Arc<CallState>, listens: bool) -> Registered {
        let key = (scope, call.id.clone());
        self.table().entry(key.clone()).or_default().push(Running { call: Arc::clone(call), listens });
        self.counter(listens).fetch_add(1, Ordering::Relaxed);
        Registered { key, call: Arc::clone(call), listens }
    }

    fn counter(&self, listens: bool) -> &AtomicUsize {
        if listens { &self.listeners } else { &self.count }
    }

    /// Cancels a running call. Where several clients may share a scope, only an id that names
    /// one call is acted on: cancelling somebody else's would be worse than not cancelling.
    pub(crate) fn cancel(&self, scope: &Scope, id: &RequestId) {
        let calls = self.table().get(&(scope.clone(), id.clone())).cloned();
        if let Some([running]) = calls.as_deref() {
            running.call.control.cancel();
        }
    }

    /// Cancels everything that runs in a scope, as when its session ends.
    pub(crate) fn cancel_all(&self, scope: &Scope) {
        let calls: Vec<_> = self.table().iter().filter(|((at, _), _)| at == scope).flat_map(|(_, calls)| calls.clone()).collect();
        for running in calls {
            running.call.control.cancel();
        }
    }
}

/// A call's place in the table; given up when dropped.
pub(crate) struct Registered {
    key: (Scope, RequestId),
    call: Arc<CallState>,
    listens: bool,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let in_flight = &self.call.shared.in_flight;
        in_flight.counter(self.listens).fetch_sub(1, Ordering::Relaxed);
        let mut table = in_flight.table();
        if let Some(calls) = table.get_mut(&self.key) {
            calls.retain(|running| !Arc::ptr_eq(&running.call, &self.call));
            if calls.is_empty() {
                table.remove(&self.key);
            }
        }
    }
}
