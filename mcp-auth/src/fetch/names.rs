//! Which addresses a name has.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Looks names up. A [`GuardedFetcher`](crate::GuardedFetcher) asks the operating system; whoever has another names service, such
/// as DNS over HTTPS or that of a test, brings it with [`with_names`](crate::GuardedFetcher::with_names).
///
/// What it answers is not trusted: addresses that may not be asked are dropped, whoever says that a name has them.
#[async_trait]
pub trait LookUp: Send + Sync + 'static {
    /// All addresses of a host, the one to try first at the front.
    ///
    /// # Errors
    /// When there is no such name, or nobody can say.
    async fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The names service of the operating system.
pub(super) struct System;

#[async_trait]
impl LookUp for System {
    async fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}
