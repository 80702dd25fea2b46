//! The events of a response.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::timeout;

use super::body::Body;
use super::sse::{Event, Parser};
use crate::error::{Error, Result};

/// When to come back to a stream whose server does not say.
const DEFAULT_RETRY: Duration = Duration::from_secs(1);
/// Longest time that a server may keep a client away.
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// How long a stream may go on after its last event.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The events of a response, and of those that continue it.
#[derive(Debug)]
pub(crate) struct Events {
    body: Option<Body>,
    parser: Parser,
    waiting: VecDeque<Event>,
    limit: usize,
}

impl Events {
    /// The events of a response, each at most `limit` bytes long.
    pub(crate) fn new(body: Body, limit: usize) -> Self {
        Self { body: Some(body), parser: Parser::new(limit), waiting: VecDeque::new(), limit }
    }

    /// The next event; `None` at the end.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// When the connection breaks or an event is too large.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            let Some(body) = &mut self.body else { return Ok(None) };
            let Some(chunk) = body.chunk().await? else {
                self.body = None;
                return Ok(None);
            };
            if self.parser.feed(&chunk, &mut self.waiting).is_err() {
                self.body = None;
                return Err(Error::Malformed(format!("an event is larger than {} bytes", self.limit)));
            }
        }
    }

    /// Lets a stream that said all that was wanted run out in the background, so that its
    /// connection can be used again.
    pub(crate) fn leave(&mut self) {
        let Some(mut body) = self.body.take() else { return };
        tokio::spawn(timeout(LAST_WORDS, async move { while let Ok(Some(_)) = body.chunk().await {} }));
    }

    /// Goes on with the response that continues the stream.
    pub(crate) fn resume(&mut self, body: Body) {
        let mut parser = Parser::new(self.limit);
        parser.last_id = self.parser.last_id.take();
        parser.retry = self.parser.retry;
        self.parser = parser;
        self.body = Some(body);
    }

    /// Where the stream can be resumed, if the server said so.
    pub(crate) fn last_id(&self) -> Option<&str> {
        self.parser.last_id.as_deref()
    }

    /// How long to wait before.
    pub(crate) fn retry(&self) -> Duration {
        self.parser.retry.unwrap_or(DEFAULT_RETRY).min(LONGEST_RETRY)
    }
}
