//! The one trait.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Applied, Change, Effect, Index, Key, Page, Record, StoreError, Time, When};

/// Where counters stop.
pub const MAX_COUNT: u64 = i64::MAX as u64;

/// Keeps records and counters.
///
/// Every method is atomic and sees everything that was answered before it was called. The time is the caller's: at `now`, records
/// whose [`expires`](Record::expires) is not later count as absent, whether they were swept or not. A future that is dropped before it
/// answers leaves open whether the change happens, but never half of it.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The record with this key.
    ///
    /// # Errors
    /// Any but [`StoreError::Empty`] and [`StoreError::TooLarge`]: by such keys nothing is found.
    async fn get(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError>;

    /// Makes all of the changes, one after the other, or none if the condition of one does not hold after those before it.
    ///
    /// What was done is durable when this returns.
    ///
    /// # Errors
    /// Any; nothing has changed then, unless it says otherwise.
    async fn apply(&self, changes: Vec<Change>, now: Time) -> Result<Applied, StoreError>;

    /// A page of the records that have something in common, ordered by key.
    ///
    /// # Errors
    /// Any but [`StoreError::Empty`] and [`StoreError::TooLarge`]: by such owners nothing is found.
    async fn list(&self, by: Index<'_>, page: Page, now: Time) -> Result<Vec<Record>, StoreError>;

    /// Removes all records that have something in common, at once, and answers how many, including those that had expired
    /// and were not yet swept. It is durable when this returns. Counters stay.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError>;

    /// Adds `by` to a counter, which begins at 0 and does so again `ttl` after its first count, and answers the sum, at most [`MAX_COUNT`].
    ///
    /// `ttl` only matters to the count that begins. Counters have keys of their own: they are not records. A count outlives
    /// the process, but may be lost when the machine loses its power.
    ///
    /// # Errors
    /// Any; nothing has changed then, unless it says otherwise.
    async fn count(&self, key: &Key, by: u64, ttl: Duration, now: Time) -> Result<u64, StoreError>;

    /// Deletes expired records and counters, at most `max`, and answers how many. Nothing depends on it but room.
    ///
    /// # Errors
    /// Any but [`StoreError::Empty`] and [`StoreError::TooLarge`].
    async fn sweep(&self, now: Time, max: u64) -> Result<u64, StoreError>;

    /// Removes a record and answers it: of all who take the same one, one gets it.
    ///
    /// # Errors
    /// As of [`apply`](Self::apply).
    async fn take(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
        let removal = Change::Remove { key: key.clone(), when: When::Any };
        if let Applied::Done(mut effects) = self.apply(vec![removal], now).await?
            && let Some(Effect::Removed(record)) = effects.pop()
        {
            return Ok(record);
        }
        Err(StoreError::Corrupt("a removal without a condition was not answered as one".to_owned()))
    }

    /// Puts one record and answers whether the condition held.
    ///
    /// # Errors
    /// As of [`apply`](Self::apply).
    async fn put(&self, record: Record, when: When, now: Time) -> Result<bool, StoreError> {
        let applied = self.apply(vec![Change::Put { record, when }], now).await?;
        Ok(matches!(applied, Applied::Done(_)))
    }
}
