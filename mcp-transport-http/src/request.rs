//! The parts of a request that outlive it, and its body.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;
use mcp_core::{Headers, Outcome, Reply, RpcError};

/// The address of a request's peer, as an extension of the request.
///
/// [`Listener`](crate::Listener) sets it; whoever serves the router or the service by other means
/// may set it too. Without it every caller's address is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// The headers of a request, shared with the calls it starts.
#[derive(Debug)]
pub(crate) struct RequestHeaders(HeaderMap);

impl RequestHeaders {
    pub(crate) fn take(parts: &mut Parts) -> Arc<Self> {
        Arc::new(Self(std::mem::take(&mut parts.headers)))
    }

    pub(crate) fn map(&self) -> &HeaderMap {
        &self.0
    }
}

impl Headers for RequestHeaders {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let mut values = self.0.get_all(name).iter();
        let value = values.next()?;
        values.next().is_none().then(|| value.as_bytes())
    }
}

pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<PeerAddr>().map(|peer| peer.0.ip())
}

/// Whether the client takes event streams, or everything.
pub(crate) fn accepts_streams(headers: &HeaderMap) -> bool {
    accepts(headers, "text/event-stream", "text/*")
}

/// Whether the client takes JSON or event streams.
pub(crate) fn accepts_answers(headers: &HeaderMap) -> bool {
    !headers.contains_key(ACCEPT) || accepts_streams(headers) || accepts(headers, "application/json", "application/*")
}

fn accepts(headers: &HeaderMap, kind: &str, family: &str) -> bool {
    let lists = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = lists.flat_map(|list| list.split(',')).map(|entry| entry.split(';').next().unwrap_or_default().trim());
    kinds.any(|entry| entry.eq_ignore_ascii_case(kind) || entry.eq_ignore_ascii_case(family) || entry == "*/*")
}

/// Whether the body is declared to be JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(declared) = headers.get(CONTENT_TYPE) else { return false };
    if declared == "application/json" {
        return true;
    }
    declared.to_str().is_ok_and(|declared| {
        let kind = declared.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    })
}

/// Reads a body of at most `limit` bytes within `patience`.
///
/// # Errors
/// The reply that refuses, with a status of its own where the outcome has none that fits.
pub(crate) async fn read_body<B>(headers: &HeaderMap, body: B, limit: usize, patience: Duration) -> Result<Bytes, (Reply, Option<StatusCode>)>
where
    B: Body<Data = Bytes>,
{
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err((Reply::too_large(limit), None));
    }
    let mut body = pin!(body);
    // Most bodies arrive whole with the headers; only those that do not need a timer.
    let reading = collect(body.as_mut(), limit);
    let mut reading = pin!(reading);
    let first = std::future::poll_fn(|cx| std::task::Poll::Ready(reading.as_mut().poll(cx))).await;
    let read = match first {
        std::task::Poll::Ready(read) => read,
        std::task::Poll::Pending => match tokio::time::timeout(patience, reading).await {
            Ok(read) => read,
            Err(_) => {
                let error = RpcError::invalid_request(format!("the body did not arrive within {} s", patience.as_secs()));
                return Err((Reply::refusal(&error, Outcome::Malformed), Some(StatusCode::REQUEST_TIMEOUT)));
            }
        },
    };
    read.map_err(|reply| (reply, None))
}

async fn collect<B: Body<Data = Bytes>>(mut body: std::pin::Pin<&mut B>, limit: usize) -> Result<Bytes, Reply> {
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let error = RpcError::invalid_request("the body ended before it was complete");
            return Err(Reply::refusal(&error, Outcome::Malformed));
        };
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + pieces.len() + data.len() > limit {
            return Err(Reply::too_large(limit));
        }
        if whole.is_empty() && pieces.is_empty() {
            whole = data;
        } else {
            if pieces.is_empty() {
                pieces.extend_from_slice(&std::mem::take(&mut whole));
            }
            pieces.extend_from_slice(&data);
        }
    }
    Ok(if pieces.is_empty() { whole } else { pieces.freeze() })
}
