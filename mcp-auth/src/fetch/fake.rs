//! A [`Fetch`] from memory that counts what is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::{Fetch, FetchError};

/// Answers from memory; what it does not hold is 404.
#[derive(Default)]
pub(crate) struct Fake {
    answers: Mutex<HashMap<String, Result<Bytes, FetchError>>>,
    asked: Mutex<Vec<String>>,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Answers with a document from now on.
    pub(crate) fn put(&self, url: &str, document: impl Into<Bytes>) {
        self.answers.lock().expect("no test panics here").insert(url.to_owned(), Ok(document.into()));
    }

    /// Is unreachable from now on.
    pub(crate) fn fail(&self, url: &str) {
        let error = FetchError::Unreachable("it is down".to_owned());
        self.answers.lock().expect("no test panics here").insert(url.to_owned(), Err(error));
    }

    /// What was asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics here").clone()
    }
}

#[async_trait]
impl Fetch for Fake {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = request.uri().to_string();
        self.asked.lock().expect("no test panics here").push(url.clone());
        // Others who want the same come to wait meanwhile.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        match self.answers.lock().expect("no test panics here").get(&url) {
            Some(answer) => answer.clone().map(Response::new),
            None => Ok(Response::builder().status(404).body(Bytes::new()).expect("a response")),
        }
    }
}
