//! All clients: those that the operator made, those that registered, and those with a document.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mcp_store::{Index, Key, Kind, Page, When};
use serde::{Deserialize, Serialize};

use super::documents::Documents;
use super::keys::ClientKeys;
use super::outbound::Outbound;
use super::room::Room;
use super::{Client, ClientSource};
use crate::Fetch;
use crate::limits::network;
use crate::server::db::{Db, Found, Owners, Row};
use crate::server::error::OAuthError;

/// How long a client that registered itself is kept while it was never used.
const UNUSED: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it is kept after it was used.
const IDLE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How clients become known, and how much of it is put up with.
#[derive(Clone, Debug)]
pub(crate) struct ClientSettings {
    pub(crate) issuer: String,
    pub(crate) token_endpoint: String,
    pub(crate) registration_endpoint: String,
    /// Whether clients may register themselves (RFC 7591).
    pub(crate) registration: bool,
    /// Whether the URL of a document is a client (draft-ietf-oauth-client-id-metadata-document).
    pub(crate) documents: bool,
    /// Whether documents may be on this computer, with `http` too: for development.
    pub(crate) loopback_documents: bool,
    /// The most clients that are kept, and the most documents.
    pub(crate) max_rows: u64,
    /// The most new clients of one address in an hour. The users of a hosted client share one, so this is not small.
    pub(crate) registrations_per_address: u64,
    /// The most requests to one host in an hour, for documents and keys.
    pub(crate) fetches_per_host: u64,
    /// The most failures of one client to identify itself from one address in ten minutes.
    pub(crate) failures_per_client: u64,
    /// The most failures of one address in ten minutes.
    pub(crate) failures_per_address: u64,
}

impl ClientSettings {
    /// The usual settings of a server with this issuer.
    pub(crate) fn new(issuer: &str) -> Self {
        let base = issuer.trim_end_matches('/');
        Self {
            issuer: issuer.to_owned(),
            token_endpoint: format!("{base}/token"),
            registration_endpoint: format!("{base}/register"),
            registration: true,
            documents: true,
            loopback_documents: false,
            max_rows: 10_000,
            registrations_per_address: 300,
            fetches_per_host: 300,
            failures_per_client: 30,
            failures_per_address: 600,
        }
    }
}

/// All clients.
pub(crate) struct Clients {
    pub(super) db: Db,
    pub(in crate::server) settings: ClientSettings,
    pub(super) keys: ClientKeys,
    /// How many clients there is room for.
    pub(super) room: Room,
    documents: Documents,
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A client as it is kept. It is read as a [`Client`], too.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) client: Client,
    /// Until when it is kept, in seconds since 1970; one of the operator's for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<u64>,
}

impl Row for Kept {
    const KIND: Kind = Client::KIND;
}

impl Clients {
    pub(crate) fn new(db: Db, fetcher: Arc<dyn Fetch>, settings: ClientSettings) -> Self {
        let outbound = Arc::new(Outbound::new(db.clone(), fetcher, settings.fetches_per_host));
        Self {
            documents: Documents::new(db.clone(), outbound.clone(), settings.loopback_documents, settings.max_rows),
            keys: ClientKeys::new(db.clock().clone(), outbound),
            room: Room::new(Client::KIND, settings.max_rows),
            db,
            settings,
        }
    }

    /// The client of this id; the document of one that is a URL is fetched if it is not at hand.
    ///
    /// # Errors
    /// `invalid_client_metadata` when a document is none, and when it cannot be found out now who it is.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Client>, OAuthError> {
        if self.settings.documents && id.contains("://") {
            return self.documents.find(id).await.map(Some);
        }
        Ok(self.kept(id).await?.map(|found| found.value.client))
    }

    /// Notes that a client was used, so that it is kept; writes at most once a day.
    pub(crate) async fn touch(&self, client: &Client) -> Result<(), OAuthError> {
        if client.source == ClientSource::Registration {
            self.extend(&client.id, IDLE, Duration::from_secs(24 * 60 * 60)).await
        } else {
            Ok(())
        }
    }

    /// Notes that a client registered once more.
    pub(super) async fn touch_unused(&self, id: &str) -> Result<(), OAuthError> {
        self.extend(id, UNUSED, Duration::from_secs(60 * 60)).await
    }

    /// Clients, but for those with a document, by their ids: at most `limit` of those after one.
    pub(crate) async fn list(&self, after: Option<&str>, limit: usize) -> Result<Vec<Client>, OAuthError> {
        let page = Page { after: after.map(|id| Key::new(Client::KIND, id)), limit };
        let found = self.db.page::<Kept>(Index::Kind(Client::KIND), page).await?;
        Ok(found.into_iter().map(|found| found.value.client).collect())
    }

    /// Removes a client and everything that was given to it; `false` if there was none.
    pub(crate) async fn remove(&self, id: &str) -> Result<bool, OAuthError> {
        Ok(!id.is_empty() && self.db.purge(Index::Client(id, None)).await? > 0)
    }

    pub(super) async fn kept(&self, id: &str) -> Result<Option<Found<Kept>>, OAuthError> {
        if id.is_empty() || id.len() > mcp_store::MAX_ID_BYTES { Ok(None) } else { Ok(self.db.get::<Kept>(id).await?) }
    }

    /// Writes a client; `false` if the condition does not hold.
    pub(super) async fn keep(&self, kept: &Kept, when: When) -> Result<bool, OAuthError> {
        let expires = kept.expires.map(|seconds| mcp_store::Time::from_millis(seconds.saturating_mul(1_000)));
        let owners = Owners { client: Some(kept.client.id.clone()), expires, ..Owners::default() };
        Ok(self.db.apply(vec![self.db.put(&kept.client.id, kept, owners, when)]).await?)
    }

    /// A client that has just registered, and until when it is kept if it is never used.
    pub(super) fn unused(&self, client: Client) -> Kept {
        Kept { client, expires: Some(self.db.seconds() + UNUSED.as_secs()) }
    }

    /// Sees to it that a client is kept for a time, give or take `step`.
    async fn extend(&self, id: &str, lasts: Duration, step: Duration) -> Result<(), OAuthError> {
        let Some(found) = self.kept(id).await? else { return Ok(()) };
        let until = self.db.seconds() + lasts.as_secs();
        if found.value.expires.is_some_and(|expires| expires + step.as_secs() <= until) {
            let kept = Kept { expires: Some(until), ..found.value };
            // If somebody else wrote it meanwhile, it was used, too.
            self.keep(&kept, When::Version(found.version)).await?;
        }
        Ok(())
    }
}

/// What an address is counted as.
pub(super) fn address(peer: Option<IpAddr>) -> String {
    peer.map_or_else(|| "unknown".to_owned(), |peer| network(peer).to_string())
}
