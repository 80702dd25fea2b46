//! Server-sent events: framing, and the streams a response may carry.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use mcp_core::{BoxFuture, Outlet, Started};
use tokio::time::{Instant, Sleep, sleep};

use crate::body::HttpBody;
use crate::resume::Reader;

/// What keeps a silent stream alive: a comment, which clients ignore.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Appends one event. A frame holds no line break, so it is one `data` line.
pub(crate) fn push_event(out: &mut BytesMut, name: Option<&str>, id: Option<&str>, data: &[u8]) {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\n");
    }
    if let Some(id) = id {
        out.extend_from_slice(b"id: ");
        out.extend_from_slice(id.as_bytes());
        out.extend_from_slice(b"\n");
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
}

/// Where a stream's events come from.
pub(crate) enum Source {
    /// A call, and what it sends before its answer. Dropping it cancels the call.
    Call { call: Option<Started>, outlet: Outlet },
    /// A log that outlives the response.
    Log(Reader),
    /// An outlet that something else fills, beside a future that does nothing but run.
    Outlet { outlet: Outlet, work: Option<BoxFuture<'static, ()>>, on_drop: Option<Arc<dyn Fn() + Send + Sync>> },
}

/// A stream of events.
pub(crate) struct EventStream {
    source: Source,
    first: Option<Bytes>,
    silence: Pin<Box<Sleep>>,
    keep_alive: Duration,
    ended: bool,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventStream")
    }
}

impl EventStream {
    /// A stream that starts with `first`, if given.
    pub(crate) fn new(source: Source, first: Option<Bytes>, keep_alive: Duration) -> Self {
        Self { source, first, silence: Box::pin(sleep(keep_alive)), keep_alive, ended: false }
    }

    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let mut chunk = BytesMut::new();
        self.ended = self.source.poll_events(cx, &mut chunk);
        if !chunk.is_empty() {
            self.silence.as_mut().reset(Instant::now() + self.keep_alive);
            return Poll::Ready(Some(chunk.freeze()));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        if self.silence.as_mut().poll(cx).is_ready() {
            self.silence.as_mut().reset(Instant::now() + self.keep_alive);
            // Registers the timer again.
            let _ = self.silence.as_mut().poll(cx);
            return Poll::Ready(Some(Bytes::from_static(KEEP_ALIVE)));
        }
        Poll::Pending
    }
}

impl Source {
    /// Appends the events that are there; returns whether there will be no more.
    fn poll_events(&mut self, cx: &mut Context<'_>, out: &mut BytesMut) -> bool {
        match self {
            Self::Call { call, outlet } => poll_call(call, outlet, cx, out),
            Self::Log(reader) => reader.poll_events(cx, out),
            Self::Outlet { outlet, work, .. } => {
                if work.as_mut().is_some_and(|work| work.as_mut().poll(cx).is_ready()) {
                    *work = None;
                    outlet.close();
                }
                poll_outlet(outlet, cx, out)
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        match self {
            Self::Call { outlet, .. } => outlet.close(),
            Self::Outlet { outlet, on_drop, .. } => {
                outlet.close();
                if let Some(on_drop) = on_drop {
                    on_drop();
                }
            }
            Self::Log(_) => {}
        }
    }
}

/// Most bytes of events put into one chunk.
const CHUNK: usize = 64 * 1_024;

fn poll_outlet(outlet: &Outlet, cx: &mut Context<'_>, out: &mut BytesMut) -> bool {
    loop {
        match outlet.poll_next(cx) {
            Poll::Ready(Some(frame)) => push_event(out, Some("message"), None, &frame),
            Poll::Ready(None) => return true,
            Poll::Pending => return false,
        }
        if out.len() >= CHUNK {
            cx.waker().wake_by_ref();
            return false;
        }
    }
}

fn poll_call(call: &mut Option<Started>, outlet: &Outlet, cx: &mut Context<'_>, out: &mut BytesMut) -> bool {
    let Some(running) = call else { return true };
    loop {
        if let Poll::Ready(reply) = Pin::new(&mut *running).poll(cx) {
            while let Some(frame) = outlet.pop() {
                push_event(out, Some("message"), None, &frame);
            }
            if !reply.body.is_empty() {
                push_event(out, Some("message"), None, &reply.body);
            }
            *call = None;
            return true;
        }
        let before = out.len();
        let closed = poll_outlet(outlet, cx, out);
        // A call that waits for room goes on once its frames are taken.
        if closed || out.len() == before || out.len() >= CHUNK {
            return false;
        }
    }
}

/// A response that carries a stream of events.
pub(crate) fn respond(stream: EventStream) -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::events(stream));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // Tells reverse proxies to pass events on at once.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
