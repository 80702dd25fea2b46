//! How many rows there is room for, known without counting them each time.

use std::sync::{Mutex, PoisonError};

use mcp_store::{Index, Kind};

use crate::server::db::Db;
use crate::server::error::OAuthError;

/// How long a count is believed, in seconds; of several servers on one store, each sees what the others added this late.
const WHILE_ROOM: u64 = 600;
/// How long it is believed when there was no room, in seconds: rows expire.
const WHILE_FULL: u64 = 60;

/// Room for rows of a kind.
pub(super) struct Room {
    kind: Kind,
    most: u64,
    /// When the rows were counted, and how many there are since.
    counted: Mutex<Option<(u64, u64)>>,
}

impl Room {
    pub(super) fn new(kind: Kind, most: u64) -> Self {
        Self { kind, most, counted: Mutex::new(None) }
    }

    /// Whether there is room for one more.
    pub(super) async fn is_left(&self, db: &Db) -> Result<bool, OAuthError> {
        let now = db.seconds();
        if let Some((at, rows)) = *self.lock() {
            let full = rows >= self.most;
            if now.saturating_sub(at) < if full { WHILE_FULL } else { WHILE_ROOM } {
                return Ok(!full);
            }
        }
        let rows = db.size(Index::Kind(self.kind), self.most).await?;
        *self.lock() = Some((now, rows));
        Ok(rows < self.most)
    }

    /// One more is there.
    pub(super) fn take(&self) {
        if let Some((_, rows)) = &mut *self.lock() {
            *rows += 1;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(u64, u64)>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mcp_store::{Memory, When};

    use super::*;
    use crate::server::db::{Owners, Row};
    use crate::server::secrets::MasterKey;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Thing;

    impl Row for Thing {
        const KIND: Kind = Kind::from_static("thing");
    }

    #[tokio::test]
    async fn rows_are_counted_over_many_pages_and_no_further_than_needed() {
        let db = Db::new(Arc::new(Memory::new()), MasterKey::generate().derive(), crate::fakes::clock(1_000).1);
        let mut rows = 0;
        for (until, most, found) in
            [(0, 10, 0), (999, 5_000, 999), (1_000, 5_000, 1_000), (1_001, 5_000, 1_001), (3_500, 5_000, 3_500), (3_500, 1_500, 2_000)]
        {
            let changes = (rows..until).map(|number| db.put(&format!("{number}"), &Thing, Owners::default(), When::Absent)).collect();
            assert!(db.apply(changes).await.expect("the store works"));
            rows = until;
            assert_eq!(db.size(Index::Kind(Thing::KIND), most).await, Ok(found), "{until} {most}");
        }
    }
}
