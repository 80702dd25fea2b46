//! Where the hosts of a name are.

use std::io;
use std::net::SocketAddr;

use async_trait::async_trait;

/// Looks up names. Whatever it finds, a server on the Internet cannot have clients ask what only they can reach.
#[async_trait]
pub trait LookUp: Send + Sync {
    /// The addresses of a host.
    ///
    /// # Errors
    /// When they cannot be found out.
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// Asks the operating system.
pub(crate) struct System;

#[async_trait]
impl LookUp for System {
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}
