//! Clients in memory, with a clock and a web that a test sets.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use mcp_store::Memory;
use serde_json::{Value, json};

use super::{ClientSettings, Clients};
use crate::fakes::clock;
use crate::server::db::Db;
use crate::server::http::{Asked, Params};
use crate::server::secrets::MasterKey;
use crate::{Fetch, FetchError};

pub(super) const ISSUER: &str = "https://mcp.example.com";
pub(super) const NOW: u64 = 1_800_000_000;
pub(super) const PEER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

/// A web of a few URLs; nobody answers at others.
#[derive(Default)]
pub(super) struct Web {
    pages: Mutex<HashMap<String, Response<Bytes>>>,
    asked: Mutex<Vec<String>>,
}

impl Web {
    /// Answers with a status, headers and a body from now on.
    pub(super) fn put(&self, url: &str, status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) {
        let mut page = Response::builder().status(status);
        for (name, value) in headers {
            page = page.header(*name, *value);
        }
        self.pages.lock().expect("no test panics here").insert(url.to_owned(), page.body(body.into()).expect("a page"));
    }

    /// Answers with a JSON document from now on.
    pub(super) fn serve(&self, url: &str, document: &Value) {
        self.put(url, 200, &[("content-type", "application/json")], document.to_string());
    }

    /// Does not answer from now on.
    pub(super) fn fail(&self, url: &str) {
        self.pages.lock().expect("no test panics here").remove(url);
    }

    /// How often somebody asked, for anything.
    pub(super) fn asked(&self) -> usize {
        self.asked.lock().expect("no test panics here").len()
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = request.uri().to_string();
        self.asked.lock().expect("no test panics here").push(url.clone());
        // Others who want the same come to wait meanwhile.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let page = self.pages.lock().expect("no test panics here").get(&url).cloned();
        page.ok_or_else(|| FetchError::Unreachable("nobody is there".to_owned()))
    }
}

/// Clients in memory.
pub(super) struct Case {
    pub(super) clients: Clients,
    pub(super) web: Arc<Web>,
    seconds: Arc<AtomicU64>,
}

impl Case {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut ClientSettings)) -> Self {
        let web = Arc::<Web>::default();
        Self::on(web.clone(), web, change)
    }

    /// Clients whose documents another fetcher than the web fetches.
    pub(super) fn on(web: Arc<Web>, fetcher: Arc<dyn Fetch>, change: impl FnOnce(&mut ClientSettings)) -> Self {
        let (seconds, clock) = clock(NOW);
        let db = Db::new(Arc::new(Memory::new()), MasterKey::generate().derive(), clock);
        let mut settings = ClientSettings::new(ISSUER);
        change(&mut settings);
        Self { clients: Clients::new(db, fetcher, settings), web, seconds }
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Registers a client and answers what it is told.
    pub(super) async fn register(&self, body: &Value) -> Value {
        let (status, answer) = self.clients.register(body.to_string().as_bytes(), PEER).await.expect("it registers");
        assert_eq!(status, 201, "{answer}");
        answer
    }

    /// The code of the error with which a registration is refused.
    pub(super) async fn refused(&self, body: &Value) -> &'static str {
        self.clients.register(body.to_string().as_bytes(), PEER).await.expect_err("it is refused").code
    }

    /// How many clients there are.
    pub(super) async fn rows(&self) -> usize {
        self.clients.list(None, 100_000).await.expect("a list").len()
    }
}

/// A request with some headers and a form.
pub(super) fn asked(headers: &[(&'static str, String)], form: &[(&str, &str)]) -> (Asked, Params) {
    let asked = request(Method::POST, headers, Bytes::new());
    (asked, form.iter().copied().collect())
}

pub(super) fn request(method: Method, headers: &[(&'static str, String)], body: impl Into<Bytes>) -> Asked {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().expect("a header"));
    }
    let mut request = Request::new(body.into());
    (*request.method_mut(), *request.headers_mut()) = (method, map);
    Asked::new(request, PEER)
}

/// The document of a client.
pub(super) fn document(id: &str) -> Value {
    json!({ "client_id": id, "client_name": "App", "redirect_uris": ["https://app.example/cb"] })
}

/// A text of a JSON object.
#[track_caller]
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}
