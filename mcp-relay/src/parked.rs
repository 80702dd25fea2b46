//! Calls under way at the upstream whose callers went to find answers.
//!
//! A caller without a session is asked by ending its call; the upstream, which has sessions, meanwhile waits for the answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::desk::Asked;
use crate::forward::UnderWay;

/// Most calls that wait at once. The oldest makes room.
const MOST: usize = 1_024;

/// A call, and the question that its caller went to answer.
struct Waiting {
    caller: String,
    since: Instant,
    call: UnderWay,
    asked: Asked,
}

/// Calls whose callers went to find answers.
pub(crate) struct Parked {
    /// Tells the calls of this process from those of others, whose numbers may come back to this one.
    process: u128,
    patience: Duration,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    waiting: HashMap<String, Waiting>,
}

impl Table {
    fn take_old(&mut self, patience: Duration) -> Vec<Waiting> {
        let old: Vec<String> =
            self.waiting.iter().filter(|(_, waiting)| waiting.since.elapsed() > patience).map(|(name, _)| name.clone()).collect();
        old.iter().filter_map(|name| self.waiting.remove(name)).collect()
    }
}

impl Parked {
    pub(crate) fn new(patience: Duration) -> Self {
        let process = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Self { process, patience, table: Mutex::default() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up the calls whose callers were away for too long.
    pub(crate) fn give_up_old(&self) {
        let old = self.table().take_old(self.patience);
        // Dropped here, for that tells the upstream.
        drop(old);
    }

    /// Keeps a call until its caller is back; returns what it is known by meanwhile.
    pub(crate) fn park(&self, caller: String, call: UnderWay, asked: Asked) -> String {
        let mut given_up = Vec::new();
        let name;
        {
            let mut table = self.table();
            table.next += 1;
            name = format!("{:x}-{}", self.process, table.next);
            given_up.extend(table.take_old(self.patience));
            if table.waiting.len() >= MOST
                && let Some(oldest) = table.waiting.iter().min_by_key(|(_, waiting)| waiting.since).map(|(name, _)| name.clone())
            {
                given_up.extend(table.waiting.remove(&oldest));
            }
            table.waiting.insert(name.clone(), Waiting { caller, since: Instant::now(), call, asked });
        }
        // Dropped here, for that tells the upstream.
        drop(given_up);
        name
    }

    /// The call that a caller has come back to.
    pub(crate) fn take(&self, name: &str, caller: &str) -> Option<(UnderWay, Asked)> {
        let mut table = self.table();
        if table.waiting.get(name)?.caller != caller {
            return None;
        }
        table.waiting.remove(name).map(|waiting| (waiting.call, waiting.asked))
    }
}
