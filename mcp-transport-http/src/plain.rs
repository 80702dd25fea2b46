//! The plain-HTTP adapter: `GET {path}/tools`, `POST {path}/tool/{name}`, `GET {path}/openapi.json`.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body::Body;
use mcp_core::{Outcome, Outlet, Reply, RpcError, Transport};

use crate::body::HttpBody;
use crate::request::{self, RequestHeaders};
use crate::service::HttpService;
use crate::status::{self, respond, respond_with};

/// A page of the adapter.
pub(crate) enum Page {
    Tools,
    Tool(String),
    OpenApi,
}

impl Page {
    /// The page at a path below the endpoint.
    pub(crate) fn find(path: &str) -> Option<Self> {
        match path {
            "/tools" => Some(Self::Tools),
            "/openapi.json" => Some(Self::OpenApi),
            _ => path.strip_prefix("/tool/").filter(|name| !name.is_empty()).map(|name| Self::Tool(name.to_owned())),
        }
    }
}

pub(crate) async fn answer<B>(service: &HttpService, page: Page, parts: Parts, headers: Arc<RequestHeaders>, body: B) -> Response<HttpBody>
where
    B: Body<Data = Bytes>,
{
    let mut response = open(service, page, parts, headers, body).await;
    // What is listed depends on the caller, and a gateway's callers send nothing that a cache in between would respect.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    // What refuses before there is a call is shared with the transports that speak JSON-RPC.
    if response.status().is_success() { response } else { response.map(HttpBody::without_envelope) }
}

async fn open<B>(service: &HttpService, page: Page, parts: Parts, headers: Arc<RequestHeaders>, body: B) -> Response<HttpBody>
where
    B: Body<Data = Bytes>,
{
    let allowed = if matches!(page, Page::Tool(_)) { (Method::POST, "POST, OPTIONS") } else { (Method::GET, "GET, OPTIONS") };
    if parts.method != allowed.0 {
        return status::method_not_allowed(allowed.1);
    }
    let principal = match service.authenticate(&parts, &headers, Transport::PlainHttp).await {
        Ok(principal) => principal,
        Err(response) => return response,
    };
    let dispatcher = &service.0.dispatcher;
    let mut exchange = service.exchange(&parts, Arc::clone(&headers), principal, Transport::PlainHttp);
    // There is nowhere to send what comes before an answer, and no header to mirror.
    exchange.outlet = Outlet::closed();
    if matches!(page, Page::OpenApi)
        && let Err(reply) = dispatcher.admit(&exchange)
    {
        return respond(reply);
    }
    match page {
        Page::Tools => respond(dispatcher.list_plain(&exchange)),
        Page::OpenApi => {
            let base = service.0.config.path.trim_end_matches('/');
            respond(Reply { body: dispatcher.openapi(base, &exchange), outcome: Outcome::Answered })
        }
        Page::Tool(name) => {
            if !request::is_json(headers.map()) {
                let error = RpcError::invalid_request("the body must be declared as `Content-Type: application/json`");
                return respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::UNSUPPORTED_MEDIA_TYPE);
            }
            let limit = dispatcher.limits().max_message_bytes;
            match request::read_body(headers.map(), body, limit, service.0.config.read_timeout).await {
                Ok(arguments) => respond(dispatcher.call_plain(&name, &arguments, &exchange).await),
                Err((reply, None)) => respond(reply),
                Err((reply, Some(status))) => respond_with(reply, status),
            }
        }
    }
}
