//! Typed records, sealed, on a store that knows neither.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mcp_store::{Applied, Change, Index, Key, Kind, Page, Record, Store, StoreError, Time, When};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::secrets::Secrets;
use crate::Clock;

/// Something that is kept, of one kind.
pub(crate) trait Row: Serialize + DeserializeOwned + Send + Sync {
    const KIND: Kind;
}

/// A row as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Found<T> {
    pub(crate) id: String,
    pub(crate) value: T,
    pub(crate) version: u64,
}

/// Whom a row belongs to, and until when it is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    pub(crate) subject: Option<String>,
    pub(crate) grant: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) expires: Option<Time>,
}

/// The store, with the keys that seal what is in it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Db {
    store: Arc<dyn Store>,
    secrets: Arc<Secrets>,
    clock: Clock,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Db")
    }
}

impl Db {
    pub(crate) fn new(store: Arc<dyn Store>, secrets: Secrets, clock: Clock) -> Self {
        Self { store, secrets: Arc::new(secrets), clock }
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now().into()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        self.now().as_millis() / 1_000
    }

    /// In some time from now.
    pub(crate) fn after(&self, time: Duration) -> Time {
        self.now() + time
    }

    /// The row of this id, unless it has expired.
    pub(crate) async fn get<T: Row>(&self, id: &str) -> Result<Option<Found<T>>, StoreError> {
        let found = self.store.get(&Key::new(T::KIND, id), self.now()).await?;
        found.map(|record| self.open(record)).transpose()
    }

    /// The change that writes a row.
    pub(crate) fn put<T: Row>(&self, id: &str, value: &T, owners: Owners, when: When) -> Change {
        let plain = serde_json::to_vec(value).expect("a row is plain data");
        let sealed = self.secrets.seal(&name(T::KIND, id), &plain);
        let record = Record {
            key: Key::new(T::KIND, id),
            version: 0,
            expires: owners.expires,
            subject: owners.subject,
            grant: owners.grant,
            client: owners.client,
            body: sealed.into(),
        };
        Change::Put { record, when }
    }

    /// The change that removes a row.
    pub(crate) fn remove<T: Row>(&self, id: &str, when: When) -> Change {
        Change::Remove { key: Key::new(T::KIND, id), when }
    }

    /// Makes all changes or none; `false` if a condition did not hold.
    pub(crate) async fn apply(&self, changes: Vec<Change>) -> Result<bool, StoreError> {
        Ok(matches!(self.store.apply(changes, self.now()).await?, Applied::Done(_)))
    }

    /// Removes a row and answers it; of all who take the same one, one gets it.
    pub(crate) async fn take<T: Row>(&self, id: &str) -> Result<Option<T>, StoreError> {
        let taken = self.store.take(&Key::new(T::KIND, id), self.now()).await?;
        taken.map(|record| Ok(self.open(record)?.value)).transpose()
    }

    /// Rows that have something in common, at most `limit` of them.
    pub(crate) async fn list<T: Row>(&self, by: Index<'_>, limit: usize) -> Result<Vec<Found<T>>, StoreError> {
        self.page(by, Page::first(limit)).await
    }

    /// A page of the rows that have something in common.
    pub(crate) async fn page<T: Row>(&self, by: Index<'_>, page: Page) -> Result<Vec<Found<T>>, StoreError> {
        let records = self.ids(by, page).await?;
        records.into_iter().map(|record| self.open(record)).collect()
    }

    /// A page of the records that have something in common, unopened.
    pub(crate) async fn ids(&self, by: Index<'_>, page: Page) -> Result<Vec<Record>, StoreError> {
        self.store.list(by, page, self.now()).await
    }

    /// Removes what is there under a key.
    pub(crate) async fn remove_key(&self, key: Key) -> Result<(), StoreError> {
        self.store.take(&key, self.now()).await.map(drop)
    }

    /// Removes everything that has something in common.
    pub(crate) async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError> {
        self.store.purge(by).await
    }

    /// Counts, and answers how many there are within `ttl` of the first.
    pub(crate) async fn count(&self, kind: Kind, what: &str, ttl: Duration) -> Result<u64, StoreError> {
        // Names come from outside and are of any length, and what they are is nobody's business.
        self.store.count(&Key::new(kind, self.secrets.id_of(what)), 1, ttl, self.now()).await
    }

    /// How often something was counted within `ttl` of the first; counts nothing.
    pub(crate) async fn counted(&self, kind: Kind, what: &str, ttl: Duration) -> Result<u64, StoreError> {
        self.store.count(&Key::new(kind, self.secrets.id_of(what)), 0, ttl, self.now()).await
    }

    /// How many rows have something in common; stops above `most`.
    pub(crate) async fn size(&self, by: Index<'_>, most: u64) -> Result<u64, StoreError> {
        const PAGE: usize = 1_000;
        let (mut page, mut found) = (Page::first(PAGE), 0);
        loop {
            let records = self.store.list(by, page, self.now()).await?;
            found += records.len() as u64;
            match records.into_iter().nth(PAGE - 1) {
                Some(last) if found <= most => page = Page::after(last.key, PAGE),
                _ => return Ok(found),
            }
        }
    }

    /// Deletes what has expired, a part at a time.
    pub(crate) async fn sweep(&self) -> Result<u64, StoreError> {
        self.store.sweep(self.now(), 1_000).await
    }

    fn open<T: Row>(&self, record: Record) -> Result<Found<T>, StoreError> {
        let name = name(T::KIND, &record.key.id);
        let opened = self.secrets.open(&name, &record.body);
        let value = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
        let value = value.ok_or_else(|| {
            StoreError::Corrupt("a record does not open with this key; is it the key that it was written with?".to_owned())
        })?;
        Ok(Found { id: record.key.id, value, version: record.version })
    }
}

/// Under which name a row is sealed.
fn name(kind: Kind, id: &str) -> String {
    format!("{kind}|{id}")
}
