//! A host of documents that others fetch: client-id metadata documents, key sets, whatever an issuer publishes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::loopback::{Asked, Document, Loopback, lock};

/// Serves documents over HTTP on loopback and counts who asks for them.
///
/// A path that nothing was put at is answered with 404. Real hosts of such documents speak HTTPS; a server under test
/// must be told to accept plain HTTP on loopback.
#[derive(Debug)]
pub struct DocumentHost {
    documents: Arc<Mutex<HashMap<String, Document>>>,
    server: Loopback,
}

impl DocumentHost {
    /// Opens one on a free port.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn open() -> Self {
        let documents: Arc<Mutex<HashMap<String, Document>>> = Arc::default();
        let served = Arc::clone(&documents);
        let find = move |asked: &Asked| lock(&served).get(&asked.path).cloned();
        let server = Loopback::start(|_| move |asked: &Asked| find(asked).unwrap_or_else(missing)).await;
        Self { documents, server }
    }

    /// Puts a document at a path, or another one instead of it.
    pub fn serve(&self, path: &str, document: Document) {
        lock(&self.documents).insert(path.to_owned(), document);
    }

    /// Takes the document at a path away.
    pub fn remove(&self, path: &str) {
        lock(&self.documents).remove(path);
    }

    /// The URL of a path, which starts with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.origin())
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.path == path).count()
    }

    /// Everything it was asked, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked().clone()
    }
}

fn missing() -> Document {
    Document::new("text/plain", "not found").status(404)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;
    use tokio::time::timeout;

    use super::*;
    use crate::http::{Request, Response};

    async fn get(host: &DocumentHost, path: &str) -> Response {
        let address = host.url("").trim_start_matches("http://").parse().expect("an address");
        let request = Request { address, method: "GET", path: path.to_owned(), headers: Vec::new(), body: Default::default() };
        request.send().await.expect("the host answers")
    }

    #[tokio::test]
    async fn documents_are_served_replaced_removed_and_counted() {
        let host = DocumentHost::open().await;
        host.serve("/client.json", Document::json(&json!({ "a": 1 })).header("Cache-Control", "max-age=60"));
        let mut response = get(&host, "/client.json?x=1").await;
        assert_eq!((response.head.status, response.head.header("cache-control")), (200, Some("max-age=60")));
        assert_eq!(response.body().await.expect("a body"), br#"{"a":1}"#);
        host.serve("/client.json", Document::html("<p>").status(503).header("content-type", "text/plain"));
        let response = get(&host, "/client.json").await;
        assert_eq!((response.head.status, response.head.header("content-type")), (503, Some("text/plain")));
        assert_eq!(response.head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).count(), 1);
        host.remove("/client.json");
        assert_eq!(get(&host, "/client.json").await.head.status, 404);
        assert_eq!((host.hits("/client.json"), host.hits("/other")), (3, 0));
        assert_eq!(host.asked()[0].parameter("x").as_deref(), Some("1"));
    }

    #[tokio::test]
    async fn documents_are_late_or_never_complete_when_told_to_be() {
        let host = DocumentHost::open().await;
        let delay = Duration::from_millis(30);
        host.serve("/late", Document::json(&json!([])).delayed(delay));
        let asked = Instant::now();
        get(&host, "/late").await;
        assert!(asked.elapsed() >= delay);
        host.serve("/stuck", Document::json(&json!({ "a": 1 })).stalling_after(2));
        let mut response = get(&host, "/stuck").await;
        assert!(timeout(delay, response.body()).await.is_err(), "the body ended");
    }
}
