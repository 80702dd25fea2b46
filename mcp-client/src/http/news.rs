//! The stream on which servers tell of changes and may ask questions, in the revisions with sessions
//! (2025-11-25, basic/transports, "Listening for Messages from the Server").

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::events::Events;
use super::session::Peer;
use super::streamable::{LEAST_PAUSE, resume};
use crate::error::{Error, Result};
use crate::router::Outbound;

/// How often to try to come back, one failure after the other.
const MOST_FAILURES: u32 = 5;
/// How long a stream has to last not to be a failure.
const LASTING: Duration = Duration::from_secs(10);

/// Opens the stream, tells `opened` how that went, and reads it, coming back when it ends,
/// until the server no longer has it.
pub(super) async fn read(peer: Arc<Peer>, outbound: Arc<dyn Outbound>, opened: oneshot::Sender<Result<()>>) {
    let mut events = match resume(&peer, None).await {
        Ok(stream) => Events::new(stream, peer.limit),
        Err(error) => {
            // Nobody waits when the server took long to say so.
            let _ = opened.send(Err(error));
            return;
        }
    };
    let _ = opened.send(Ok(()));
    let why = follow(&peer, &outbound, &mut events).await;
    tracing::debug!(error = %why, "the stream of changes has ended");
    for listener in peer.router.listeners() {
        listener.end(Some(Error::transport(format!("the stream of changes has ended: {why}"))));
    }
}

async fn follow(peer: &Arc<Peer>, outbound: &Arc<dyn Outbound>, events: &mut Events) -> Error {
    let (mut failures, mut since) = (0, Instant::now());
    loop {
        match events.next().await {
            Ok(Some(event)) => {
                failures = 0;
                if !event.data.is_empty() {
                    peer.router.receive(&event.data, outbound, None);
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the stream of changes broke"),
        }
        // One that lasted a while was not refused, but ended by whatever is in between.
        failures = if since.elapsed() > LASTING { 1 } else { failures + 1 };
        if failures > MOST_FAILURES {
            return Error::transport("the server ends it again and again");
        }
        sleep(events.retry().max(LEAST_PAUSE) * failures).await;
        let last_id = events.last_id().and_then(|id| HeaderValue::from_str(id).ok());
        match resume(peer, last_id).await {
            Ok(stream) => {
                since = Instant::now();
                events.resume(stream);
            }
            Err(error @ Error::Transport { .. }) => tracing::debug!(%error, "the stream of changes cannot be had"),
            Err(error) => return error,
        }
    }
}
