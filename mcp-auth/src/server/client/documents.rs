//! Documents of clients: fetched when they are needed, kept, and used for a while when they cannot be fetched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mcp_store::{Kind, When};
use serde::{Deserialize, Serialize};

use super::document::{NoDocument, check_id, read};
use super::metadata::bad;
use super::outbound::Outbound;
use super::room::Room;
use super::{Client, known};
use crate::FetchError;
use crate::server::db::{Db, Owners, Row};
use crate::server::error::OAuthError;

/// For how long after its time a document is used when it cannot be fetched.
const STALE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long nothing is fetched after a failure, in seconds.
const COOL_DOWN: u64 = 60;
/// The most failures that are remembered.
const MAX_FAILURES: usize = 1_000;

/// A document as it is kept.
#[derive(Clone, Serialize, Deserialize)]
struct Document {
    client: Client,
    /// Until when it is used without asking again, in seconds since 1970.
    fresh_until: u64,
}

impl Row for Document {
    const KIND: Kind = Kind::from_static("document");
}

/// Documents of clients.
pub(super) struct Documents {
    db: Db,
    outbound: Arc<Outbound>,
    loopback: bool,
    room: Room,
    /// Who fetches a document holds its lock; all others wait for it and find the document.
    flights: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    /// What failed, and until when it is not tried again.
    failures: Mutex<HashMap<String, (u64, NoDocument)>>,
}

impl Documents {
    pub(super) fn new(db: Db, outbound: Arc<Outbound>, loopback: bool, most: u64) -> Self {
        let room = Room::new(Document::KIND, most);
        Self { db, outbound, loopback, room, flights: Mutex::default(), failures: Mutex::default() }
    }

    /// The client at a URL: by its document; if that cannot be fetched, by an earlier one that is not too old, or by the copy
    /// that comes with this crate.
    ///
    /// # Errors
    /// `invalid_client_metadata` when the URL or its document is that of no client, and when it cannot be found out now.
    pub(super) async fn find(&self, id: &str) -> Result<Client, OAuthError> {
        check_id(id, self.loopback).map_err(bad)?;
        let key = self.db.secrets().id_of(id);
        if let Some(document) = self.fresh(&key).await? {
            return Ok(document.client);
        }
        let flight = self.flight(&key);
        let _turn = flight.lock().await;
        if let Some(document) = self.fresh(&key).await? {
            return Ok(document.client);
        }
        let failure = match self.failed(&key) {
            Some(failure) => failure,
            None => match self.fetch(id).await {
                Ok((client, age)) => {
                    self.keep(&key, &client, age).await?;
                    return Ok(client);
                }
                Err(failure) => {
                    tracing::warn!(client = id, ?failure, "the document of a client cannot be used");
                    self.fail(&key, &failure);
                    failure
                }
            },
        };
        match failure {
            NoDocument::Refused(why) => {
                self.db.apply(vec![self.db.remove::<Document>(&key, When::Any)]).await?;
                Err(bad(why))
            }
            NoDocument::Unavailable(_) => {
                let earlier = self.db.get::<Document>(&key).await?.map(|found| found.value.client);
                earlier.or_else(|| known::client(id)).ok_or_else(OAuthError::unavailable)
            }
        }
    }

    async fn fetch(&self, id: &str) -> Result<(Client, Duration), NoDocument> {
        let response = self.outbound.get(id).await.map_err(|error| match error {
            FetchError::TooLarge => NoDocument::Refused("the client's document is larger than 64 KiB".to_owned()),
            error => NoDocument::Unavailable(error.to_string()),
        })?;
        read(id, &response, self.db.seconds())
    }

    async fn fresh(&self, key: &str) -> Result<Option<Document>, OAuthError> {
        let now = self.db.seconds();
        Ok(self.db.get::<Document>(key).await?.map(|found| found.value).filter(|document| now < document.fresh_until))
    }

    async fn keep(&self, key: &str, client: &Client, age: Duration) -> Result<(), OAuthError> {
        let is_new = self.db.get::<Document>(key).await?.is_none();
        if is_new && !self.room.is_left(&self.db).await? {
            // It is fetched each time then, as often as the host may be asked.
            tracing::warn!("there are too many documents of clients; another one is not kept");
            return Ok(());
        }
        let document = Document { client: client.clone(), fresh_until: self.db.seconds() + age.as_secs() };
        let owners = Owners { client: Some(client.id.clone()), expires: Some(self.db.after(age + STALE)), ..Owners::default() };
        self.db.apply(vec![self.db.put(key, &document, owners, When::Any)]).await?;
        if is_new {
            self.room.take();
        }
        Ok(())
    }

    /// The lock of a document that is being fetched.
    fn flight(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut flights = lock(&self.flights);
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        flights.insert(key.to_owned(), Arc::downgrade(&flight));
        flight
    }

    fn failed(&self, key: &str) -> Option<NoDocument> {
        let now = self.db.seconds();
        lock(&self.failures).get(key).filter(|(until, _)| now < *until).map(|(_, failure)| failure.clone())
    }

    fn fail(&self, key: &str, failure: &NoDocument) {
        let now = self.db.seconds();
        let mut failures = lock(&self.failures);
        if failures.len() >= MAX_FAILURES {
            failures.retain(|_, (until, _)| now < *until);
        }
        if failures.len() >= MAX_FAILURES {
            // The number of requests to a host is bounded without them, too.
            failures.clear();
        }
        failures.insert(key.to_owned(), (now + COOL_DOWN, failure.clone()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
