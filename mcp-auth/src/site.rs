//! Pages and endpoints that are served beside those of MCP.

use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Pages and endpoints that an HTTP server serves beside those of MCP, as an authorization server's.
#[async_trait]
pub trait Site: Send + Sync + 'static {
    /// Whether a path is one of its own, and for whom; asked only of paths that are nobody else's.
    fn serves(&self, path: &str) -> Option<Reach>;

    /// Answers a request to a path of its own. `peer` is the address of the client, behind a proxy as the configuration finds it.
    async fn answer(&self, request: Request<Bytes>, peer: Option<IpAddr>) -> Response<Bytes>;
}

/// Which pages in a browser may ask, and read the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of every origin: nothing that is asked here depends on who uses the browser.
    Everywhere,
    /// None but its own: here a browser acts for its user.
    OwnPages,
}
