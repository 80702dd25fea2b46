//! The store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;

use crate::{Applied, Change, Effect, Index, Key, MAX_COUNT, Page, Record, Store, StoreError, Time, When};

/// Keeps everything in memory, for tests and development: it is gone when the program ends, and nothing bounds it but [`Store::sweep`].
#[derive(Default)]
pub struct Memory(Mutex<Tables>);

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // Nothing below panics between two writes, so what a panicking thread left is whole.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("records", &self.tables().records.len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
        Ok(self.tables().live(key, now).cloned())
    }

    async fn apply(&self, changes: Vec<Change>, now: Time) -> Result<Applied, StoreError> {
        changes.iter().try_for_each(Change::check)?;
        Ok(self.tables().apply(changes, now))
    }

    async fn list(&self, by: Index<'_>, page: Page, now: Time) -> Result<Vec<Record>, StoreError> {
        let tables = self.tables();
        let keys = tables.keys(by, page.after.as_ref());
        Ok(keys.filter_map(|key| tables.live(key, now)).take(page.limit).cloned().collect())
    }

    async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError> {
        let mut tables = self.tables();
        let keys: Vec<Key> = tables.keys(by, None).cloned().collect();
        for key in &keys {
            tables.delete(key);
        }
        Ok(keys.len() as u64)
    }

    async fn count(&self, key: &Key, by: u64, ttl: Duration, now: Time) -> Result<u64, StoreError> {
        key.check()?;
        let mut tables = self.tables();
        let counter = tables.counters.entry(key.clone()).or_insert(Counter { sum: 0, expires: now });
        if counter.expires <= now {
            *counter = Counter { sum: 0, expires: now + ttl };
        }
        counter.sum = counter.sum.saturating_add(by).min(MAX_COUNT);
        Ok(counter.sum)
    }

    async fn sweep(&self, now: Time, max: u64) -> Result<u64, StoreError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let mut tables = self.tables();
        let records: Vec<Key> =
            tables.expiries.iter().take_while(|(expires, _)| *expires <= now).take(max).map(|(_, key)| key.clone()).collect();
        for key in &records {
            tables.delete(key);
        }
        let expired = tables.counters.iter().filter(|(_, counter)| counter.expires <= now);
        let counters: Vec<Key> = expired.take(max - records.len()).map(|(key, _)| key.clone()).collect();
        for key in &counters {
            tables.counters.remove(key);
        }
        Ok((records.len() + counters.len()) as u64)
    }
}

/// Records with their indexes, and counters.
#[derive(Default)]
struct Tables {
    records: BTreeMap<Key, Record>,
    owners: BTreeMap<(Role, String), BTreeSet<Key>>,
    expiries: BTreeSet<(Time, Key)>,
    counters: BTreeMap<Key, Counter>,
}

/// Which owner of a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Subject,
    Grant,
    Client,
}

struct Counter {
    sum: u64,
    expires: Time,
}

impl Tables {
    fn live(&self, key: &Key, now: Time) -> Option<&Record> {
        self.records.get(key).filter(|record| record.is_live(now))
    }

    fn apply(&mut self, changes: Vec<Change>, now: Time) -> Applied {
        let mut effects = Vec::with_capacity(changes.len());
        // What was there before each change, to go back to.
        let mut before = Vec::with_capacity(changes.len());
        for (index, change) in changes.into_iter().enumerate() {
            let (key, when) = match &change {
                Change::Put { record, when } => (record.key.clone(), *when),
                Change::Remove { key, when } => (key.clone(), *when),
            };
            let version = self.live(&key, now).map(|record| record.version);
            let holds = match when {
                When::Absent => version.is_none(),
                When::Version(wanted) => version == Some(wanted),
                When::Any => true,
            };
            if !holds {
                self.undo(before);
                return Applied::Conflict(index);
            }
            let old = self.delete(&key);
            before.push((key, old.clone()));
            effects.push(match change {
                Change::Put { mut record, .. } => {
                    record.version = version.unwrap_or(0) + 1;
                    let version = record.version;
                    self.insert(record);
                    Effect::Put(version)
                }
                Change::Remove { .. } => Effect::Removed(old.filter(|record| record.is_live(now))),
            });
        }
        Applied::Done(effects)
    }

    fn undo(&mut self, before: Vec<(Key, Option<Record>)>) {
        for (key, old) in before.into_iter().rev() {
            self.delete(&key);
            old.into_iter().for_each(|record| self.insert(record));
        }
    }

    fn insert(&mut self, record: Record) {
        for owner in owners(&record) {
            self.owners.entry(owner).or_default().insert(record.key.clone());
        }
        if let Some(expires) = record.expires {
            self.expiries.insert((expires, record.key.clone()));
        }
        self.records.insert(record.key.clone(), record);
    }

    fn delete(&mut self, key: &Key) -> Option<Record> {
        let record = self.records.remove(key)?;
        for owner in owners(&record) {
            if let Some(keys) = self.owners.get_mut(&owner) {
                keys.remove(key);
                if keys.is_empty() {
                    self.owners.remove(&owner);
                }
            }
        }
        if let Some(expires) = record.expires {
            self.expiries.remove(&(expires, key.clone()));
        }
        Some(record)
    }

    /// The keys of all records of an index after a key, in order.
    fn keys<'a>(&'a self, by: Index<'_>, after: Option<&Key>) -> Box<dyn Iterator<Item = &'a Key> + Send + 'a> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let (role, owner) = match by {
            Index::Kind(kind) => {
                let first = Key::new(kind, "");
                let from = if after.is_some_and(|after| *after > first) { from } else { Bound::Included(&first) };
                return Box::new(self.records.range((from, Bound::Unbounded)).map(|(key, _)| key).take_while(move |key| key.kind == kind));
            }
            Index::Subject(owner, _) => (Role::Subject, owner),
            Index::Grant(owner, _) => (Role::Grant, owner),
            Index::Client(owner, _) => (Role::Client, owner),
        };
        let wanted = by.kind();
        let keys = self.owners.get(&(role, owner.to_owned())).map(|keys| keys.range((from, Bound::Unbounded)));
        Box::new(keys.into_iter().flatten().filter(move |key| wanted.is_none_or(|kind| key.kind == kind)))
    }
}

fn owners(record: &Record) -> impl Iterator<Item = (Role, String)> {
    let owners = [(Role::Subject, &record.subject), (Role::Grant, &record.grant), (Role::Client, &record.client)];
    owners.into_iter().filter_map(|(role, owner)| Some((role, owner.clone()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::store_suite!(async || (Memory::new(), ()));
}
