//! Serving other than as the command line of this program says: for programs that have one of their own.

use mcp_core::Dispatcher;

#[cfg(any(feature = "auth", feature = "stdio", feature = "http"))]
use crate::error::Result;
use crate::server::Server;

impl Server {
    /// Has somebody told when the dispatcher is built, as to change the registry while it is served.
    pub fn when_built(mut self, told: impl FnOnce(&Dispatcher) + Send + 'static) -> Self {
        self.told.push(crate::server::Told(Box::new(told)));
        self
    }

    /// Sets the server up as a configuration file says: identity, policy, limits and audit.
    ///
    /// # Errors
    /// When the file cannot be read, or says something it should not, with the line.
    #[cfg(feature = "auth")]
    pub fn configured(self, file: &std::path::Path) -> Result<Self> {
        crate::settings::configure(self, file, true)
    }

    /// Serves whoever launched this program over its standard streams, until they close or somebody asks to stop.
    ///
    /// # Errors
    /// When the server cannot start or serving fails.
    #[cfg(feature = "stdio")]
    pub async fn serve_stdio(self) -> Result<()> {
        crate::command::stdio(self).await
    }

    /// Serves whoever launched this program, as [`Server::serve_stdio`] does, and reads what they write from `input`: the standard input, or
    /// what somebody has begun to read from it. Does not say who the caller is.
    ///
    /// # Errors
    /// When the server cannot start or serving fails.
    #[cfg(feature = "stdio")]
    pub async fn serve_stdio_from(self, input: impl std::io::Read + Send + 'static) -> Result<()> {
        let principal = crate::identity::of_stdio(&self).await?;
        crate::command::over_stdio(self, principal, input).await
    }

    /// Serves over HTTP until somebody asks to stop. `dev` takes every caller on loopback for the local developer.
    ///
    /// # Errors
    /// When the server cannot start: among others when it asks who is calling, nobody could tell, and it is not `dev`.
    #[cfg(feature = "http")]
    pub async fn serve_http(self, bind: std::net::SocketAddr, dev: bool) -> Result<()> {
        crate::command::http(self, bind, None, dev).await
    }
}
