//! The keys of an issuer, from where it publishes them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::keys::{KeySet, parse_jwks};
use crate::discovery::discover;
use crate::fetch::document;
use crate::fetch::kept::{Ages, Kept};
use crate::{Clock, Fetch, Issuer};

/// A key that the issuer withdraws is taken for ten minutes longer; if the issuer cannot be asked, for a day.
const AGES: Ages = Ages { stale: Duration::from_secs(10 * 60), dead: Duration::from_secs(24 * 60 * 60) };

/// The keys of an issuer, of which nothing is fetched yet.
pub(super) fn keys(issuer: Issuer, jwks_uri: Option<String>, fetcher: Arc<dyn Fetch>, clock: Clock) -> Kept<KeySet> {
    let remote = Arc::new(Remote { issuer, jwks_uri, discovered: Mutex::new(None), fetcher });
    Kept::new(clock, AGES, move || {
        let remote = remote.clone();
        async move {
            let fetched = remote.fetch().await;
            fetched.inspect_err(|why| tracing::warn!(issuer = remote.issuer.as_str(), %why, "the issuer's keys could not be fetched")).ok()
        }
    })
}

struct Remote {
    issuer: Issuer,
    jwks_uri: Option<String>,
    /// Where the keys were last time.
    discovered: Mutex<Option<String>>,
    fetcher: Arc<dyn Fetch>,
}

impl Remote {
    /// Fetches the keys.
    ///
    /// # Errors
    /// Why there are none, for the log.
    async fn fetch(&self) -> Result<KeySet, String> {
        let uri = self.locate().await?;
        let keys = self.fetch_from(&uri).await;
        // What failed may have moved, so the next attempt looks for it.
        *self.discovered.lock().unwrap_or_else(PoisonError::into_inner) = keys.is_ok().then_some(uri);
        keys
    }

    async fn fetch_from(&self, uri: &str) -> Result<KeySet, String> {
        let document = document(self.fetcher.as_ref(), uri).await.map_err(|error| error.to_string())?;
        parse_jwks(&document.ok_or("there is no document at the URL of the keys")?).map_err(|error| error.to_string())
    }

    /// Where the keys are: as configured, as last time, or as the metadata says.
    async fn locate(&self) -> Result<String, String> {
        let discovered = self.discovered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(uri) = self.jwks_uri.clone().or(discovered) {
            return Ok(uri);
        }
        let metadata = discover(self.fetcher.as_ref(), &self.issuer).await?;
        metadata.jwks_uri.ok_or_else(|| "the metadata names no jwks_uri".to_owned())
    }
}
