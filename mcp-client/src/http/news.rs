//! The stream on which servers tell of changes, in the revisions with sessions
//! (2025-11-25, basic/transports, "Listening for Messages from the Server").

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;
use tokio::time::{Instant, sleep};

use super::events::Events;
use super::session::Peer;
use super::streamable::resume;
use crate::error::Error;
use crate::router::Outbound;

/// How often to try to come back, one failure after the other.
const MOST_FAILURES: u32 = 5;
/// How long a stream has to last not to be a failure.
const LASTING: Duration = Duration::from_secs(10);

/// Reads the stream, coming back when it ends, until the server no longer has it.
pub(super) async fn read(peer: Arc<Peer>, outbound: Arc<dyn Outbound>, mut events: Events) {
    let (mut failures, mut since) = (0, Instant::now());
    let why = loop {
        match events.next().await {
            Ok(Some(event)) => {
                failures = 0;
                if !event.data.is_empty() {
                    peer.router.receive(&event.data, &outbound, None);
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the stream of changes broke"),
        }
        // One that lasted a while was not refused, but ended by whatever is in between.
        failures = if since.elapsed() > LASTING { 1 } else { failures + 1 };
        sleep(events.retry() * failures).await;
        let last_id = events.last_id().and_then(|id| HeaderValue::from_str(id).ok());
        match resume(&peer, last_id).await {
            Ok(stream) => {
                since = Instant::now();
                events.resume(stream);
            }
            Err(error @ Error::Transport { .. }) if failures < MOST_FAILURES => tracing::debug!(%error, "the stream of changes cannot be had"),
            Err(error) => break error,
        }
        if failures >= MOST_FAILURES {
            break Error::transport("the server ends the stream of changes again and again");
        }
    };
    tracing::debug!(error = %why, "the stream of changes has ended");
    for listener in peer.router.listeners() {
        listener.end(Some(Error::transport(format!("the stream of changes has ended: {why}"))));
    }
}
