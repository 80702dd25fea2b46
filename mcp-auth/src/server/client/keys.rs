//! Public keys of clients, as they registered them or from where they publish them.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::Client;
use super::outbound::Outbound;
use crate::Clock;
use crate::fetch::kept::{Ages, Kept};
use crate::jwt::{KeySet, Signature, SignedJwt, parse_jwks};

/// A key that a client withdraws is taken for ten minutes longer; if the client cannot be asked, for a day.
const AGES: Ages = Ages { stale: Duration::from_secs(10 * 60), dead: Duration::from_secs(24 * 60 * 60) };
/// The most key sets that are kept in memory.
const MOST: u64 = 1_000;

/// Public keys of clients.
pub(super) struct ClientKeys {
    clock: Clock,
    outbound: Arc<Outbound>,
    /// By URL; each is fetched at most once in 30 seconds.
    published: moka::future::Cache<String, Arc<Kept<KeySet>>>,
}

/// The keys cannot be had now.
pub(super) struct NoKeys;

impl ClientKeys {
    pub(super) fn new(clock: Clock, outbound: Arc<Outbound>) -> Self {
        Self { clock, outbound, published: moka::future::Cache::new(MOST) }
    }

    /// Whether a key of the client signed this.
    ///
    /// # Errors
    /// When its keys cannot be fetched now.
    pub(super) async fn signed(&self, client: &Client, jwt: &SignedJwt<'_>) -> Result<bool, NoKeys> {
        if let Some(jwks) = &client.jwks {
            return Ok(parse_jwks(jwks.to_string().as_bytes()).is_ok_and(|keys| jwt.verify(&keys) == Signature::Good));
        }
        let Some(uri) = &client.jwks_uri else { return Ok(false) };
        let published = self.published.get_with_by_ref(uri, async { Arc::new(self.publish(uri.clone())) }).await;
        let keys = published.get().await.map_err(|_| NoKeys)?;
        match jwt.verify(&keys) {
            Signature::Good => return Ok(true),
            Signature::Bad if jwt.names_key() => return Ok(false),
            // The client may have a new key.
            Signature::Bad | Signature::NoKey => {}
        }
        let newer = published.other_than(&keys).await.map_err(|_| NoKeys)?;
        Ok(newer.is_some_and(|keys| jwt.verify(&keys) == Signature::Good))
    }

    fn publish(&self, uri: String) -> Kept<KeySet> {
        let outbound = self.outbound.clone();
        Kept::new(self.clock.clone(), AGES, move || {
            let (outbound, uri) = (outbound.clone(), uri.clone());
            async move {
                let fetched = fetch(&outbound, &uri).await;
                fetched.inspect_err(|why| tracing::warn!(uri, %why, "the keys of a client could not be fetched")).ok()
            }
        })
    }
}

/// Fetches a key set.
///
/// # Errors
/// Why there is none, for the log.
async fn fetch(outbound: &Outbound, uri: &str) -> Result<KeySet, String> {
    let response = outbound.get(uri).await.map_err(|error| error.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("the answer has the status {}", response.status().as_u16()));
    }
    parse_jwks(response.body()).map_err(|error| error.to_string())
}
