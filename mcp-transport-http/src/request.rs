//! The parts of a request that outlive it, and its body.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, GetAll, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;
use mcp_auth::LastToken;
use mcp_core::{Headers, Outcome, Reply, RpcError};

/// The address of a request's peer, as an extension of the request.
///
/// [`Listener`](crate::Listener) knows it; whoever serves the router or the service by other means
/// may set it. Without it every caller's address is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

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

    fn all(&self, name: &str) -> GetAll<'_, HeaderValue> {
        // These are asked for with nearly every request, so their names are not parsed each time.
        match name {
            "authorization" => self.0.get_all(AUTHORIZATION),
            "mcp-session-id" => self.0.get_all(&SESSION_ID),
            "mcp-protocol-version" => self.0.get_all(&PROTOCOL_VERSION),
            name => self.0.get_all(name),
        }
    }
}

impl Headers for RequestHeaders {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let mut values = self.all(name).iter();
        let value = values.next()?;
        values.next().is_none().then(|| value.as_bytes())
    }

    fn repeats(&self, name: &str) -> bool {
        self.all(name).iter().nth(1).is_some()
    }
}

pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    connection(parts).map(|connection| connection.0.peer).or_else(|| parts.extensions.get::<PeerAddr>().map(|peer| peer.0.ip()))
}

/// What is known of the connection a request came on, as an extension of the request. Set by [`Listener`](crate::Listener).
#[derive(Clone, Debug)]
pub(crate) struct Connection(Arc<OfConnection>);

#[derive(Debug)]
struct OfConnection {
    peer: IpAddr,
    last_token: LastToken,
}

impl From<SocketAddr> for Connection {
    fn from(peer: SocketAddr) -> Self {
        Self(Arc::new(OfConnection { peer: peer.ip(), last_token: LastToken::default() }))
    }
}

impl Connection {
    pub(crate) fn last_token(&self) -> &LastToken {
        &self.0.last_token
    }
}

pub(crate) fn connection(parts: &Parts) -> Option<&Connection> {
    parts.extensions.get()
}

/// What a client takes for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) json: bool,
    pub(crate) streams: bool,
}

impl Accepted {
    /// Reads `Accept`; a client that does not say takes JSON.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut lists = headers.get_all(ACCEPT).iter();
        let (first, more) = (lists.next(), lists.next());
        let Some(first) = first else { return Self { json: true, streams: false } };
        // What nearly every client sends.
        if more.is_none() && first == "application/json, text/event-stream" {
            return Self { json: true, streams: true };
        }
        let (mut accepted, mut refused) = (Self { json: false, streams: false }, Self { json: false, streams: false });
        let lists = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for entry in lists.flat_map(|list| list.split(',')) {
            let mut parts = entry.split(';').map(|part| part.trim().to_ascii_lowercase());
            let kind = parts.next().unwrap_or_default();
            // A weight of zero means "not acceptable" (RFC 9110, section 12.4.2).
            let zero = parts.any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.trim().parse::<f32>() == Ok(0.0)));
            let of = if zero { &mut refused } else { &mut accepted };
            match kind.as_str() {
                "*/*" if !zero => *of = Self { json: true, streams: true },
                "application/json" => of.json = true,
                "text/event-stream" => of.streams = true,
                "application/*" if !zero => of.json = true,
                "text/*" if !zero => of.streams = true,
                _ => {}
            }
        }
        Self { json: accepted.json && !refused.json, streams: accepted.streams && !refused.streams }
    }
}

/// Whether the body is declared to be JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(declared) = headers.get(CONTENT_TYPE) else { return false };
    if declared == "application/json" {
        return true;
    }
    declared.to_str().is_ok_and(|declared| {
        let mut parts = declared.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        // JSON is UTF-8 (RFC 8259, section 8.1); whoever declares another encoding sends something else.
        let mut others = parts.filter_map(|part| part.split_once('=')).filter(|(name, encoding)| {
            name.eq_ignore_ascii_case("charset")
                && !["utf-8", "utf8", "us-ascii"].contains(&&*encoding.trim_matches('"').to_ascii_lowercase())
        });
        kind.eq_ignore_ascii_case("application/json") && others.next().is_none()
    })
}

/// Reads a body of at most `limit` bytes within `patience`.
///
/// # Errors
/// The reply that refuses, with a status of its own where the outcome has none that fits.
pub(crate) async fn read_body<B>(
    headers: &HeaderMap,
    body: B,
    limit: usize,
    patience: Duration,
) -> Result<Bytes, (Reply, Option<StatusCode>)>
where
    B: Body<Data = Bytes>,
{
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let mut body = pin!(body);
    if declared.is_some_and(|length| length > limit as u64) {
        // A client that asks before it sends is told at once.
        if !headers.contains_key(EXPECT) {
            discard(body, limit, patience).await;
        }
        return Err((Reply::too_large(limit), None));
    }
    // Most bodies arrive whole with the headers; only those that do not need a timer.
    let read = {
        let mut reading = pin!(collect(body.as_mut(), limit));
        let first = std::future::poll_fn(|cx| Poll::Ready(reading.as_mut().poll(cx))).await;
        match first {
            Poll::Ready(read) => read,
            Poll::Pending => match tokio::time::timeout(patience, reading).await {
                Ok(read) => read,
                Err(_) => {
                    let error = RpcError::invalid_request(format!("the body did not arrive within {} s", patience.as_secs()));
                    return Err((Reply::refusal(&error, Outcome::Malformed), Some(StatusCode::REQUEST_TIMEOUT)));
                }
            },
        }
    };
    match read {
        Ok(Some(read)) => Ok(read),
        Ok(None) => {
            discard(body, limit, patience).await;
            Err((Reply::too_large(limit), None))
        }
        Err(reply) => Err((reply, None)),
    }
}

/// Takes the rest of a body that is too large, within reason: a client that is cut off while it
/// sends does not read the answer that says why.
async fn discard<B: Body<Data = Bytes>>(mut body: std::pin::Pin<&mut B>, limit: usize, patience: Duration) {
    let taking = async {
        let mut taken = 0;
        while taken < limit.saturating_mul(16) {
            match body.frame().await {
                Some(Ok(frame)) => taken += frame.data_ref().map_or(0, Bytes::len),
                _ => return,
            }
        }
    };
    // However it ends, the answer is the same.
    let _ = tokio::time::timeout(patience, taking).await;
}

/// Puts a body together; `None` when it is larger than `limit`.
async fn collect<B: Body<Data = Bytes>>(mut body: std::pin::Pin<&mut B>, limit: usize) -> Result<Option<Bytes>, Reply> {
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let error = RpcError::invalid_request("the body ended before it was complete");
            return Err(Reply::refusal(&error, Outcome::Malformed));
        };
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + pieces.len() + data.len() > limit {
            return Ok(None);
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
    Ok(Some(if pieces.is_empty() { whole } else { pieces.freeze() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_read_as_clients_write_it() {
        for (header, json, streams) in [
            (None, true, false),
            (Some("application/json, text/event-stream"), true, true),
            (Some("text/event-stream;q=0.5,Application/JSON"), true, true),
            (Some("*/*"), true, true),
            (Some("text/event-stream"), false, true),
            (Some("text/html"), false, false),
            (Some("application/json, text/event-stream;q=0"), true, false),
            (Some("text/event-stream; q=0.0, */*"), true, false),
            (Some("*/*;q=0"), false, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(ACCEPT, header.parse().expect("a header value"));
            }
            assert_eq!(Accepted::of(&headers), Accepted { json, streams }, "{header:?}");
        }
    }

    #[test]
    fn json_is_declared_as_json_in_utf_8() {
        for (declared, is) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=\"utf-8\"", true),
            ("application/json; charset=utf-16", false),
            ("application/jsonl", false),
            ("text/plain", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, declared.parse().expect("a header value"))]);
            assert_eq!(is_json(&headers), is, "{declared}");
        }
    }
}
