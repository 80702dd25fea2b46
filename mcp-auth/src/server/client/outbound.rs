//! Requests to hosts that clients name, of which there are only so many.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Request, Response};
use mcp_store::Kind;
use url::Url;

use super::known;
use crate::server::db::Db;
use crate::{Fetch, FetchError};

const FETCHES: Kind = Kind::from_static("client_fetches");
const HOUR: Duration = Duration::from_secs(60 * 60);
/// The most requests to all hosts together in an hour: whoever has a domain has any number of hosts. Those of known clients do
/// not count, so that nobody is kept out by others.
const ALL_HOSTS: u64 = 5_000;

/// Asks hosts that clients name. Whoever wants this server to bother a host has few requests to do it with.
pub(super) struct Outbound {
    db: Db,
    fetcher: Arc<dyn Fetch>,
    per_host: u64,
}

impl Outbound {
    pub(super) fn new(db: Db, fetcher: Arc<dyn Fetch>, per_host: u64) -> Self {
        Self { db, fetcher, per_host }
    }

    /// Asks for a JSON document. Redirects are not followed.
    ///
    /// # Errors
    /// When there is no answer, or the host was asked too often.
    pub(super) async fn get(&self, url: &str) -> Result<Response<Bytes>, FetchError> {
        let refused = |why: &str| FetchError::Refused(why.to_owned());
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).ok_or_else(|| refused("the URL is malformed"))?;
        let unavailable = |error: mcp_store::StoreError| FetchError::Unreachable(error.to_string());
        let ours = self.db.count(FETCHES, &host, HOUR).await.map_err(unavailable)? <= self.per_host;
        if !ours || !known::is_host(&host) && self.db.count(FETCHES, "*", HOUR).await.map_err(unavailable)? > ALL_HOSTS {
            return Err(refused("hosts that clients name were asked too often"));
        }
        let request = Request::get(url).header(ACCEPT, "application/json").body(Bytes::new());
        self.fetcher.fetch(request.map_err(|_| refused("the URL is malformed"))?).await
    }
}
