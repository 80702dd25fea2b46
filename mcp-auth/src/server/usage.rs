//! Which clients are used, when and for what, for the people for whom they act.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mcp_core::{Audit, AuditEvent, Verdict};
use mcp_store::{Kind, StoreError, When};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::db::{Db, Owners, Row};
use super::token::GRANT_CLAIM;

/// The most grants whose uses wait to be written.
const MAX_WAITING: usize = 10_000;

/// How a grant was used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Use {
    pub(crate) calls: u64,
    /// When it was last used, in seconds since 1970.
    pub(crate) last: u64,
    /// The item that was last used.
    pub(crate) item: String,
}

impl Row for Use {
    const KIND: Kind = Kind::from_static("use");
}

/// Counts uses and writes them down now and then. They are for people to look at; a crash may lose the last minute.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<HashMap<String, Use>>);

impl Usage {
    /// Writes down what was counted.
    pub(crate) async fn flush(&self, db: &Db) -> Result<(), StoreError> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (grant, counted) in waiting {
            let known = db.get::<Use>(&grant).await?;
            let calls = known.as_ref().map_or(0, |known| known.value.calls) + counted.calls;
            let owners = Owners {
                grant: Some(grant.clone()),
                expires: Some(db.after(std::time::Duration::from_secs(400 * 24 * 3_600))),
                ..Owners::default()
            };
            // Another instance may count the same grant; one of two counts at the same moment is lost, which nobody relies on.
            db.apply(vec![db.put(&grant, &Use { calls, ..counted }, owners, When::Any)]).await?;
        }
        Ok(())
    }
}

impl Audit for Usage {
    fn record(&self, event: &AuditEvent<'_>) {
        let Some(grant) = event.principal.claim(GRANT_CLAIM).and_then(Value::as_str) else { return };
        if event.item.is_empty() || matches!(event.verdict, Verdict::Denied(_)) {
            return;
        }
        let last = event.time.duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING && !waiting.contains_key(grant) {
            return;
        }
        let counted = waiting.entry(grant.to_owned()).or_default();
        (counted.calls, counted.last) = (counted.calls + 1, last);
        counted.item = event.item.chars().take(100).collect();
    }
}
