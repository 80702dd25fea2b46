//! What was asked for, while a person decides.

use std::collections::BTreeSet;
use std::time::Duration;

use mcp_store::{Change, Kind, StoreError, When};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::server::client::ClientSource;
use crate::server::db::{Db, Found, Owners, Row};
use crate::server::http::Asked;
use crate::server::session::Current;

/// How long a person may take to decide.
pub(super) const LASTS: Duration = Duration::from_secs(600);

/// How long it waits for something that a method sent, such as a mail: as long as that is good.
const WAITS: Duration = Duration::from_secs(15 * 60);

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The browser in which it began; no other can go on with it.
    pub(crate) browser: String,
    /// When it began, in seconds since 1970.
    pub(crate) created: u64,
    pub(crate) wants: Wants,
    /// The way to sign in that was begun, and what it remembers.
    #[serde(default)]
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) state: Value,
    /// The person goes on without a second factor.
    #[serde(default)]
    pub(crate) without_factor: bool,
}

/// What it waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wants {
    /// A client wants to act for the person.
    Client(Box<ClientWants>),
    /// The person wants to see which clients do.
    Agents,
}

/// What a client asked for, checked (RFC 6749, section 4.1.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClientWants {
    pub(crate) client: String,
    pub(crate) client_name: String,
    pub(crate) client_source: ClientSource,
    pub(crate) redirect_uri: String,
    /// Stands for everywhere that the client may be led back to.
    #[serde(default)]
    pub(crate) redirects: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    pub(crate) challenge: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) resources: Vec<String>,
    #[serde(default)]
    pub(crate) prompt: BTreeSet<String>,
    /// How long ago the person may have signed in, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
}

impl Row for Pending {
    const KIND: Kind = Kind::from_static("request");
}

impl Pending {
    pub(crate) fn new(browser: &str, created: u64, wants: Wants) -> Self {
        Self { browser: browser.to_owned(), created, wants, method: String::new(), state: Value::Null, without_factor: false }
    }

    /// What a client wants, if it is a client.
    pub(crate) fn client(&self) -> Option<&ClientWants> {
        match &self.wants {
            Wants::Client(wants) => Some(wants),
            Wants::Agents => None,
        }
    }

    /// The change that keeps it.
    pub(crate) fn put(&self, db: &Db, id: &str, when: When) -> Change {
        let lasts = if self.state.is_null() { LASTS } else { WAITS };
        db.put(id, self, Owners { expires: Some(db.after(lasts)), ..Owners::default() }, when)
    }
}

/// The pending request that a URL names, if it is this browser's.
pub(crate) async fn of(db: &Db, asked: &Asked, current: &Current) -> Result<Option<Found<Pending>>, StoreError> {
    let Some(id) = asked.query.first("request") else { return Ok(None) };
    by_id(db, id, current).await
}

/// The pending request with this name, if it is this browser's.
pub(crate) async fn by_id(db: &Db, id: &str, current: &Current) -> Result<Option<Found<Pending>>, StoreError> {
    let found = db.get::<Pending>(id).await?;
    Ok(found.filter(|found| found.value.browser == current.session.browser))
}
