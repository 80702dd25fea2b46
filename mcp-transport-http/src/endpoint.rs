//! The MCP endpoint: Streamable HTTP of every revision.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderValue;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body::Body;
use mcp_core::{Exchange, Outcome, Outlet, Reply, Revision, RpcError, Started, Transport};
use tokio::time::{Sleep, sleep};

use crate::body::HttpBody;
use crate::request::{self, Accepted, RequestHeaders};
use crate::resume::{Reader, has_news, priming_event};
use crate::service::HttpService;
use crate::sse::{self, EventStream, Source};
use crate::status::{self, respond, respond_with};

const METHODS: &str = "POST, GET, HEAD, DELETE, OPTIONS";
const METHODS_WITHOUT_STREAM: &str = "POST, HEAD, DELETE, OPTIONS";
/// After what time a client should come back for a stream that broke.
const RETRY: Duration = Duration::from_secs(1);

/// Answers a request to the MCP endpoint.
pub(crate) async fn answer<B>(service: &HttpService, parts: Parts, headers: Arc<RequestHeaders>, body: B) -> Response<HttpBody>
where
    B: Body<Data = Bytes>,
{
    match parts.method {
        Method::POST => post(service, &parts, headers, body).await,
        Method::GET => get(service, &parts, headers).await,
        Method::DELETE => delete(service, &parts, headers).await,
        Method::HEAD => {
            let mut response = status::empty(StatusCode::OK);
            response.headers_mut().insert("mcp-protocol-version", HeaderValue::from_static(Revision::LATEST.as_str()));
            response
        }
        _ => status::method_not_allowed(METHODS),
    }
}

async fn post<B>(service: &HttpService, parts: &Parts, headers: Arc<RequestHeaders>, body: B) -> Response<HttpBody>
where
    B: Body<Data = Bytes>,
{
    let principal = match service.authenticate(parts, &headers, Transport::StreamableHttp).await {
        Ok(principal) => principal,
        Err(response) => return response,
    };
    if !request::is_json(headers.map()) {
        let error = RpcError::invalid_request("the body must be declared as `Content-Type: application/json`");
        return respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let accepted = Accepted::of(headers.map());
    if !accepted.json && !accepted.streams {
        let error = RpcError::invalid_request("the client must accept `application/json` and `text/event-stream`");
        return respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::NOT_ACCEPTABLE);
    }
    let dispatcher = &service.0.dispatcher;
    let limit = dispatcher.limits().max_message_bytes;
    let frame = match request::read_body(headers.map(), body, limit, service.0.config.read_timeout).await {
        Ok(frame) => frame,
        Err((reply, None)) => return respond(reply),
        Err((reply, Some(status))) => return respond_with(reply, status),
    };
    let exchange = service.exchange(parts, headers, principal, Transport::StreamableHttp);
    if !accepted.streams {
        exchange.outlet.close();
    }
    match dispatcher.start(&frame, &exchange) {
        Started::Done(reply) if exchange.outlet.is_empty() && accepted.json => respond(reply),
        call => Answering { service, exchange: &exchange, call: Some(call), accepted, patience: None }.await,
    }
}

/// A call whose answer takes waiting for: JSON, unless something has to be sent before it.
struct Answering<'s> {
    service: &'s HttpService,
    exchange: &'s Exchange,
    call: Option<Started>,
    accepted: Accepted,
    /// How long the response may stay silent.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Future for Answering<'_> {
    type Output = Response<HttpBody>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let outlet = this.exchange.outlet.clone();
        let Some(call) = &mut this.call else { return Poll::Pending };
        if let Poll::Ready(reply) = Pin::new(call).poll(cx) {
            this.call = None;
            // A cancelled request has no answer: where a client reads streams, one that ends says so
            // (2025-11-25, basic/utilities/cancellation).
            let unanswered = this.accepted.streams && reply.outcome == Outcome::Cancelled;
            let alone = outlet.is_empty() && (this.accepted.json || reply.outcome != Outcome::Answered) && !unanswered;
            return Poll::Ready(if alone || !this.accepted.streams { respond(reply) } else { sent_before(reply, outlet, this.service) });
        }
        if !this.accepted.streams {
            return Poll::Pending;
        }
        let released = outlet.take_release();
        let silent = {
            let keep_alive = this.service.0.config.keep_alive;
            let patience = this.patience.get_or_insert_with(|| Box::pin(sleep(keep_alive)));
            patience.as_mut().poll(cx).is_ready()
        };
        if (released.is_some() || silent || has_news(&outlet, cx))
            && let Some(call) = this.call.take()
        {
            if let Some(retry) = released {
                outlet.request_release(retry);
            }
            return Poll::Ready(stream(this.service, this.exchange, call));
        }
        Poll::Pending
    }
}

impl Drop for Answering<'_> {
    /// In the revisions with sessions, a client that leaves has not cancelled its request.
    fn drop(&mut self) {
        if let Some(call) = self.call.take()
            && !self.service.0.dispatcher.revision_of(self.exchange).disconnect_cancels()
            && self.service.0.dispatcher.session_key(self.exchange).is_some()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                // The client is gone, and with it whoever wanted the answer.
                let _ = call.await;
            });
        }
    }
}

/// Messages that were sent before an answer that is there already.
fn sent_before(reply: Reply, outlet: Outlet, service: &HttpService) -> Response<HttpBody> {
    let call = Some(Started::Done(reply));
    sse::respond(EventStream::new(Source::Call { call, outlet }, None, service.0.config.keep_alive))
}

/// Turns a response into a stream: one that can be resumed where the revision has that.
fn stream(service: &HttpService, exchange: &Exchange, call: Started) -> Response<HttpBody> {
    let (dispatcher, keep_alive) = (&service.0.dispatcher, service.0.config.keep_alive);
    let outlet = exchange.outlet.clone();
    let revision = dispatcher.revision_of(exchange);
    let Some(session) = dispatcher.session_key(exchange).filter(|_| revision.resumes_streams()) else {
        return sse::respond(EventStream::new(Source::Call { call: Some(call), outlet }, None, keep_alive));
    };
    let log = match service.0.streams.run(session, call, outlet.clone()) {
        Ok(log) => log,
        Err(call) => return sse::respond(EventStream::new(Source::Call { call: Some(*call), outlet }, None, keep_alive)),
    };
    let first = revision.primes_streams().then(|| priming_event(&log, RETRY));
    sse::respond(EventStream::new(Source::Log(Reader::new(log, 1, revision.primes_streams())), first, keep_alive))
}

async fn get(service: &HttpService, parts: &Parts, headers: Arc<RequestHeaders>) -> Response<HttpBody> {
    let principal = match service.authenticate(parts, &headers, Transport::StreamableHttp).await {
        Ok(principal) => principal,
        Err(response) => return response,
    };
    let modern = headers
        .map()
        .get("mcp-protocol-version")
        .is_some_and(|named| named.to_str().ok().and_then(Revision::parse).is_some_and(Revision::is_modern));
    if modern || !headers.map().contains_key("mcp-session-id") || !Accepted::of(headers.map()).streams {
        return status::method_not_allowed(METHODS_WITHOUT_STREAM);
    }
    let last_event = headers.map().get("last-event-id").map(|id| id.to_str().unwrap_or_default().to_owned());
    let exchange = service.exchange(parts, headers, principal, Transport::StreamableHttp);
    let outlet = Outlet::new();
    let news = match service.0.dispatcher.news(&exchange, outlet.clone()) {
        Ok(news) => news,
        Err(reply) => return respond(reply),
    };
    let keep_alive = service.0.config.keep_alive;
    if let (Some(last_event), Some(session)) = (last_event, service.0.dispatcher.session_key(&exchange)) {
        return match service.0.streams.find(session, &last_event) {
            Some((log, next)) => sse::respond(EventStream::new(Source::Log(Reader::new(log, next, false)), None, keep_alive)),
            None => {
                let error = RpcError::invalid_request("the stream of this `Last-Event-ID` is not kept any more; repeat the request");
                respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::NOT_FOUND)
            }
        };
    }
    // A comment opens the stream, so that the client sees the headers at once.
    let first = Bytes::from_static(b": connected\n\n");
    sse::respond(EventStream::new(Source::Outlet { outlet, work: Some(news), on_drop: None }, Some(first), keep_alive))
}

async fn delete(service: &HttpService, parts: &Parts, headers: Arc<RequestHeaders>) -> Response<HttpBody> {
    let principal = match service.authenticate(parts, &headers, Transport::StreamableHttp).await {
        Ok(principal) => principal,
        Err(response) => return response,
    };
    if !headers.map().contains_key("mcp-session-id") {
        return status::method_not_allowed(METHODS_WITHOUT_STREAM);
    }
    let exchange = service.exchange(parts, headers, principal, Transport::StreamableHttp);
    let ended = service.0.dispatcher.session_key(&exchange);
    let reply = service.0.dispatcher.end_session(&exchange);
    match reply.outcome {
        Outcome::Accepted => {
            service.0.streams.forget(ended);
            status::empty(StatusCode::NO_CONTENT)
        }
        _ => respond(reply),
    }
}
