//! HTTP+SSE, the transport of 2024-11-05: one stream out, posts in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body::Body;
use mcp_auth::Resource;
use mcp_core::{Connection, Exchange, Outcome, Outlet, Principal, Reply, RpcError, Started, Transport, code};

use crate::body::HttpBody;
use crate::request::{self, RequestHeaders};
use crate::service::HttpService;
use crate::sse::{self, EventStream, Source};
use crate::status::{self, respond, respond_with};

/// Most answers that wait for one client to read before it may ask for more.
const MAX_WAITING: usize = 64;

/// Most streams open at once.
const MAX_STREAMS: usize = 10_000;

/// The streams that are open.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<HashMap<String, Client>>);

#[derive(Clone, Debug)]
struct Client {
    connection: Arc<Connection>,
    outlet: Outlet,
    principal: Principal,
    /// Answers that are finished and wait for the client to read.
    waiting: Arc<AtomicUsize>,
}

impl Client {
    /// What is known of a message on this stream besides its bytes.
    fn exchange(&self, service: &HttpService, parts: &Parts, headers: &RequestHeaders, principal: Principal) -> Exchange {
        let mut exchange = Exchange::on_connection(Arc::clone(&self.connection), principal, Transport::HttpSse, self.outlet.clone());
        exchange.looks_only = service.0.config.auth_mode == mcp_auth::AuthMode::Lazy;
        exchange.address = service.client_address(parts, headers);
        exchange
    }
}

impl Connections {
    fn table(&self) -> MutexGuard<'_, HashMap<String, Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a client's stream and tells it where to post.
pub(crate) async fn open(service: &HttpService, resource: &Resource, parts: Parts, headers: Arc<RequestHeaders>) -> Response<HttpBody> {
    match parts.method {
        Method::GET => {}
        Method::HEAD => return status::empty(StatusCode::OK),
        _ => return status::method_not_allowed("GET, HEAD, OPTIONS"),
    }
    let principal = match service.authenticate_for(resource, &parts, &headers, Transport::HttpSse).await {
        Ok(principal) => principal,
        Err(response) => return response,
    };
    let client = Client { connection: Connection::new(), outlet: Outlet::new(), principal, waiting: Arc::default() };
    let exchange = client.exchange(service, &parts, &headers, client.principal.clone());
    if let Err(reply) = service.0.dispatcher.admit(&exchange) {
        return respond(reply);
    }
    let id = service.0.dispatcher.new_token();
    {
        let mut table = service.0.connections.table();
        if table.len() >= MAX_STREAMS {
            let error = RpcError::new(code::BUSY, "too many streams are open; try again later");
            return respond(Reply::refusal(&error, Outcome::Busy { retry_after: 1 }));
        }
        table.insert(id.clone(), client.clone());
    }
    let path = original_path(&parts);
    let mut first = BytesMut::new();
    sse::push_event(&mut first, Some("endpoint"), None, format!("{}/messages?sessionId={id}", path.trim_end_matches('/')).as_bytes());
    let news = service.0.dispatcher.connection_news(Arc::clone(&client.connection), &client.principal, client.outlet.clone());
    let on_drop = {
        let (service, id, connection) = (service.clone(), id, Arc::clone(&client.connection));
        Arc::new(move || {
            service.0.connections.table().remove(&id);
            service.0.dispatcher.input_ended(&connection);
            service.0.dispatcher.disconnected(&connection);
        })
    };
    let source = Source::Outlet { outlet: client.outlet, work: Some(news), on_drop: Some(on_drop) };
    sse::respond(EventStream::new(source, Some(first.freeze()), service.0.config.keep_alive))
}

/// The path as the client wrote it, which a router that nests the service has cut short.
#[cfg(feature = "axum")]
fn original_path(parts: &Parts) -> &str {
    parts.extensions.get::<axum::extract::OriginalUri>().map_or(parts.uri.path(), |original| original.0.path())
}

/// The path as the client wrote it.
#[cfg(not(feature = "axum"))]
fn original_path(parts: &Parts) -> &str {
    parts.uri.path()
}

/// Takes one message of a client whose stream is open; the answer goes out on the stream.
pub(crate) async fn receive<B>(
    service: &HttpService,
    resource: &Resource,
    parts: Parts,
    headers: Arc<RequestHeaders>,
    body: B,
) -> Response<HttpBody>
where
    B: Body<Data = Bytes>,
{
    if parts.method != Method::POST {
        return status::method_not_allowed("POST, OPTIONS");
    }
    let principal = match service.authenticate_for(resource, &parts, &headers, Transport::HttpSse).await {
        Ok(principal) => principal,
        Err(response) => return response,
    };
    let id = parts.uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("sessionId=")).unwrap_or_default();
    let client = service.0.connections.table().get(id).filter(|client| client.principal.is_same_caller(&principal)).cloned();
    if !request::is_json(headers.map()) {
        let error = RpcError::invalid_request("the body must be declared as `Content-Type: application/json`");
        return respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let limit = service.0.dispatcher.limits().max_message_bytes;
    let frame = match request::read_body(headers.map(), body, limit, service.0.config.read_timeout).await {
        Ok(frame) => frame,
        Err((reply, None)) => return respond(reply),
        Err((reply, Some(status))) => return respond_with(reply, status),
    };
    let Some(client) = client else { return respond(service.0.dispatcher.unknown_session(&frame)) };
    if client.waiting.load(Ordering::Relaxed) >= MAX_WAITING {
        let error = RpcError::new(code::BUSY, "too many answers wait to be read; read the stream, then send on");
        return respond(Reply::refusal(&error, Outcome::Busy { retry_after: 1 }));
    }
    let exchange = client.exchange(service, &parts, &headers, principal);
    match service.0.dispatcher.start(&frame, &exchange) {
        Started::Done(reply) => match reply.outcome {
            // A refusal of the caller is the transport's to signal, before any stream.
            Outcome::Unauthenticated(_) | Outcome::Forbidden(_) | Outcome::Busy { .. } => return respond(reply),
            _ => deliver(&client.outlet, reply.body).await,
        },
        call => {
            let (outlet, waiting) = (client.outlet, client.waiting);
            tokio::spawn(async move {
                let reply = call.await;
                waiting.fetch_add(1, Ordering::Relaxed);
                deliver(&outlet, reply.body).await;
                waiting.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }
    status::empty(StatusCode::ACCEPTED)
}

async fn deliver(outlet: &Outlet, body: Bytes) {
    if !body.is_empty() {
        // A client whose stream is gone no longer waits for an answer.
        let _ = outlet.send(body).await;
    }
}
