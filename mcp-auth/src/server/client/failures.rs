//! How often somebody may fail to be a client.
//!
//! Secrets have 256 bits and are not guessed; this keeps those who try from costing much. It counts a client at one address
//! apart from all others, so that nobody can lock a client out from elsewhere, and an address as a whole generously: the
//! users of a hosted client share one. Who has failed too often is answered with 429, and not that the client is unknown:
//! clients throw away credentials that they are told are wrong.

use std::net::IpAddr;
use std::time::Duration;

use mcp_store::Kind;

use super::clients::{Clients, address};
use crate::server::error::OAuthError;

const FAILURES: Kind = Kind::from_static("client_failures");
const WINDOW: Duration = Duration::from_secs(10 * 60);

impl Clients {
    /// Whether it may be tried once more.
    ///
    /// # Errors
    /// `slow_down` with status 429 when it failed too often.
    pub(super) async fn check_failures(&self, client: &str, peer: Option<IpAddr>) -> Result<(), OAuthError> {
        let [pair, all] = names(client, peer);
        let (pair, all) = (self.db.counted(FAILURES, &pair, WINDOW).await?, self.db.counted(FAILURES, &all, WINDOW).await?);
        if pair < self.settings.failures_per_client && all < self.settings.failures_per_address {
            Ok(())
        } else {
            Err(OAuthError::too_many())
        }
    }

    /// Counts a failure.
    pub(super) async fn count_failure(&self, client: &str, peer: Option<IpAddr>) -> Result<(), OAuthError> {
        for name in names(client, peer) {
            self.db.count(FAILURES, &name, WINDOW).await?;
        }
        Ok(())
    }
}

fn names(client: &str, peer: Option<IpAddr>) -> [String; 2] {
    let address = address(peer);
    [format!("{address}|{client}"), address]
}
