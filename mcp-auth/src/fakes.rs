//! An issuer, headers and a clock for tests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::{Clock, Fetch, FetchError};

/// Answers every request in the same way, and remembers them.
pub(crate) struct Issuer {
    answer: Result<Response<Bytes>, FetchError>,
    pub(crate) asked: Mutex<Vec<Request<Bytes>>>,
}

impl Issuer {
    pub(crate) fn answers(status: u16, headers: &[(&'static str, &'static str)], body: impl Into<String>) -> Arc<Self> {
        let mut answer = Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(Bytes::from(body.into())).expect("an answer");
        Arc::new(Self { answer: Ok(answer), asked: Mutex::default() })
    }

    pub(crate) fn fails(error: FetchError) -> Arc<Self> {
        Arc::new(Self { answer: Err(error), asked: Mutex::default() })
    }
}

#[async_trait]
impl Fetch for Issuer {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        self.asked.lock().expect("no test panicked").push(request);
        self.answer.clone()
    }
}

/// The headers of a request.
pub(crate) struct Sent(pub(crate) Vec<(&'static str, Vec<u8>)>);

impl Sent {
    pub(crate) fn new(headers: &[(&'static str, &str)]) -> Self {
        Self(headers.iter().map(|(name, value)| (*name, value.as_bytes().to_vec())).collect())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter(move |(sent, _)| *sent == name).map(|(_, value)| value.as_slice())
    }
}

impl mcp_core::Headers for Sent {
    fn get(&self, name: &str) -> Option<&[u8]> {
        if self.repeats(name) { None } else { self.all(name).next() }
    }

    fn repeats(&self, name: &str) -> bool {
        self.all(name).count() > 1
    }
}

/// A time in seconds since 1970 that a test can move, and the clock that shows it.
pub(crate) fn clock(start: u64) -> (Arc<AtomicU64>, Clock) {
    let time = Arc::new(AtomicU64::new(start));
    let read = Arc::clone(&time);
    (time, Clock::new(move || UNIX_EPOCH + Duration::from_secs(read.load(Ordering::SeqCst))))
}
