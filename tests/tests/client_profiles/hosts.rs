//! The hosts at which clients have their documents, all on one server on loopback.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use mcp_auth::{Fetch, FetchError};
use mcp_testkit::http::Request as Asking;
use mcp_testkit::{Document, DocumentHost};
use serde_json::Value;

/// Hosts by name. `https://host/path` is at `/host/path` of the server.
#[derive(Debug)]
pub(crate) struct Hosts {
    host: DocumentHost,
    is_down: AtomicBool,
}

impl Hosts {
    /// Hosts that have nothing yet.
    pub(crate) async fn open() -> Self {
        Self { host: DocumentHost::open().await, is_down: AtomicBool::new(false) }
    }

    /// Has a document at a URL.
    pub(crate) fn put(&self, url: &str, document: &Value) {
        self.host.serve(&path_of(url), Document::json(document).header("Cache-Control", "max-age=300"));
    }

    /// Holds everybody off who looks like a robot, as walls against them do.
    pub(crate) fn hold_off(&self, url: &str) {
        let page = Document::html("<title>Just a moment...</title>").status(403).header("cf-mitigated", "challenge");
        self.host.serve(&path_of(url), page);
    }

    /// Cannot be reached from now on.
    pub(crate) fn go_down(&self) {
        self.is_down.store(true, Ordering::Relaxed);
    }

    /// How often a URL was asked for.
    pub(crate) fn hits(&self, url: &str) -> usize {
        self.host.hits(&path_of(url))
    }
}

#[async_trait]
impl Fetch for Hosts {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(FetchError::Unreachable("the hosts are down".to_owned()));
        }
        let broken = |error: std::io::Error| FetchError::Unreachable(error.to_string());
        let address = self.host.url("").trim_start_matches("http://").parse().expect("an address");
        let asking = Asking { address, method: "GET", path: path_of(&request.uri().to_string()), headers: Vec::new(), body: Bytes::new() };
        let mut answer = asking.send().await.map_err(broken)?;
        let mut response = Response::builder().status(answer.head.status);
        for (name, value) in &answer.head.headers {
            response = response.header(name, value);
        }
        let body = answer.body().await.map_err(broken)?;
        Ok(response.body(body.into()).expect("headers came over the wire"))
    }
}

fn path_of(url: &str) -> String {
    format!("/{}", url.trim_start_matches("https://"))
}
