//! Ways to a server.

mod child;
mod lines;
mod pipe;
mod scan;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use mcp_core::Revision;

pub(crate) use child::Process;
pub(crate) use pipe::Pipe;

use crate::error::{Error, Result};
use crate::router::{Outbound, Router};
use crate::wire::Answer;

/// A request on its way to the server.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) id: u64,
    pub(crate) method: &'a str,
    /// The name, URI or task that is called, which HTTP repeats in a header.
    pub(crate) name: Option<&'a str>,
    pub(crate) frame: Bytes,
    /// The revision it is written in; `None` while that is being negotiated.
    pub(crate) revision: Option<Revision>,
    /// Arguments that HTTP repeats in headers.
    pub(crate) mirrored: &'a [(HeaderName, HeaderValue)],
    /// Sent over HTTP in place of the client's own.
    pub(crate) headers: &'a [(HeaderName, Option<HeaderValue>)],
}

/// A way to a server.
#[async_trait]
pub(crate) trait Link: Send + Sync {
    /// Sends a request and waits for its answer. What arrives before goes to the router.
    async fn request(&self, request: &Outgoing<'_>) -> Result<Answer>;

    /// Sends a notification.
    async fn notify(&self, frame: Bytes) -> Result<()>;

    /// Sends `notifications/cancelled` without waiting, where leaving is not enough to cancel.
    fn cancel(&self, frame: Bytes);

    /// Takes note of what was negotiated.
    fn speak(&self, revision: Revision) {
        let _ = revision;
    }

    /// Whether requests repeat parts of the body in headers, and tools must allow it.
    fn mirrors(&self) -> bool {
        false
    }

    /// Opens the stream on which changes arrive, where they do not arrive anyhow.
    async fn open_news(&self) -> Result<()> {
        Ok(())
    }

    /// Makes sure that the server can ask at any time, where it can.
    async fn hear_questions(&self) {}

    /// Ends the connection in good order.
    async fn close(&self);
}

/// Sends a request where all answers arrive on one connection, and waits for its answer.
pub(crate) async fn ask(router: &Router, outbound: &dyn Outbound, request: &Outgoing<'_>) -> Result<Answer> {
    let answer = router.expect(request.id)?;
    outbound.send(request.frame.clone()).await?;
    answer.await.unwrap_or_else(|_| Err(Error::Closed("the client was dropped".to_owned())))
}

/// A task that ends with its owner.
#[derive(Debug)]
pub(crate) struct Owned(tokio::task::AbortHandle);

impl Owned {
    pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(future).abort_handle())
    }

    pub(crate) fn end(&self) {
        self.0.abort();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a message in the background, for whoever cannot wait. It is only lost with the runtime.
pub(crate) fn send_in_background(outbound: Arc<dyn Outbound>, frame: Bytes, patience: std::time::Duration) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        if let Ok(Err(error)) = tokio::time::timeout(patience, outbound.send(frame)).await {
            tracing::debug!(%error, "a notification could not be sent");
        }
    });
}
