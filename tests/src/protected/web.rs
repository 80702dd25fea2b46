//! The hosts that a server asks, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use mcp_auth::{Fetch, FetchError};
use serde_json::Value;

/// Documents by URL, and who asked for them. What it does not hold is 404.
#[derive(Debug, Default)]
pub struct Web {
    answers: Mutex<HashMap<String, Result<Response<Bytes>, FetchError>>>,
    asked: Mutex<Vec<Asked>>,
}

/// A request that was made.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The URL.
    pub url: String,
    /// Headers and body, as text.
    pub text: String,
}

impl Web {
    /// Answers with a document from now on.
    pub fn put(&self, url: &str, document: &Value) {
        let answer = Response::builder().header("content-type", "application/json").body(document.to_string().into());
        lock(&self.answers).insert(url.to_owned(), Ok(answer.expect("a response")));
    }

    /// Answers with a status from now on.
    pub fn fail(&self, url: &str, status: StatusCode) {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = status;
        lock(&self.answers).insert(url.to_owned(), Ok(answer));
    }

    /// Is unreachable from now on.
    pub fn cut(&self, url: &str) {
        lock(&self.answers).insert(url.to_owned(), Err(FetchError::Unreachable("it is down".to_owned())));
    }

    /// What was asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = request.uri().to_string();
        let headers: Vec<String> =
            request.headers().iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))).collect();
        let text = format!("{}\n\n{}", headers.join("\n"), String::from_utf8_lossy(request.body()));
        lock(&self.asked).push(Asked { url: url.clone(), text });
        // Others who want the same come to wait meanwhile.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let missing = || Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Bytes::new()).expect("a response"));
        lock(&self.answers).get(&url).cloned().unwrap_or_else(missing)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
