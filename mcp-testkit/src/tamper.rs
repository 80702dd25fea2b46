//! A wire that is not faithful, to test the comparison itself.

use async_trait::async_trait;
use bytes::Bytes;

use crate::compose::Outgoing;
use crate::wire::{Client, Event};

/// Rewrites a frame.
pub type Rewrite = fn(Bytes) -> Bytes;

/// A client that is told something else than the server said.
pub(crate) struct Tampered {
    inner: Box<dyn Client>,
    rewrite: Rewrite,
}

impl Tampered {
    pub(crate) fn new(inner: Box<dyn Client>, rewrite: Rewrite) -> Self {
        Self { inner, rewrite }
    }
}

#[async_trait]
impl Client for Tampered {
    async fn send(&mut self, exchange: usize, message: &Outgoing) {
        self.inner.send(exchange, message).await;
    }

    async fn listen(&mut self, exchange: usize, message: &Outgoing) -> bool {
        self.inner.listen(exchange, message).await
    }

    async fn end_session(&mut self, exchange: usize, message: &Outgoing) -> bool {
        self.inner.end_session(exchange, message).await
    }

    async fn next(&mut self) -> Event {
        match self.inner.next().await {
            Event::Frame { exchange, frame } => Event::Frame { exchange, frame: (self.rewrite)(frame) },
            other => other,
        }
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
    }
}
