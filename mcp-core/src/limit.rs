//! How often callers may ask.

use std::net::IpAddr;
use std::time::Duration;

use crate::access::Principal;

/// Decides how often callers may ask. One decision for every transport, made before a request is looked at.
pub trait Limit: Send + Sync + 'static {
    /// Counts one request.
    ///
    /// # Errors
    /// How long the caller should wait, when it has asked too often.
    fn admit(&self, principal: &Principal, address: Option<IpAddr>) -> Result<(), Duration>;

    /// How long requests from an address would have to wait, whoever they are from; counts nothing. Asked before credentials are
    /// looked at, so that guessing them has a limit too. By default they need not wait.
    fn wait(&self, address: IpAddr) -> Option<Duration> {
        let _ = address;
        None
    }
}
