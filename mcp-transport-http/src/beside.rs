//! What is served beside the MCP endpoint: pages and endpoints of an authorization server.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body;

use crate::body::HttpBody;
use crate::request::{self, RequestHeaders};
use crate::service::HttpService;

/// The largest body that is read, in bytes: forms and registrations are small.
const MAX_BODY: usize = 64 * 1_024;

/// Has a request answered by the site that its path belongs to.
pub(crate) async fn answer<B>(service: &HttpService, parts: Parts, headers: Arc<RequestHeaders>, body: B) -> Response<HttpBody>
where
    B: Body<Data = Bytes>,
{
    let Some(site) = &service.0.config.site.0 else { return crate::status::no_such_path(&service.0.config.path) };
    let body = match request::read_body(headers.map(), body, MAX_BODY, service.0.config.read_timeout).await {
        Ok(body) => body,
        Err((_, status)) => return refusal(status.unwrap_or(StatusCode::PAYLOAD_TOO_LARGE)),
    };
    let peer = service.client_address(&parts, &headers);
    let mut request = Request::new(body);
    *request.method_mut() = parts.method;
    *request.uri_mut() = parts.uri;
    *request.headers_mut() = headers.map().clone();
    let mut answering = site.answer(request, peer);
    // What panicked is not polled again; the connection and its other requests live.
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(cx)));
        polled.map_or_else(|_| Poll::Ready(failure()), |polled| polled.map(|answer| answer.map(HttpBody::full)))
    })
    .await
}

/// The answer where the site panicked.
fn failure() -> Response<HttpBody> {
    tracing::error!("a page or endpoint beside the MCP endpoint panicked");
    let mut response = refusal(StatusCode::INTERNAL_SERVER_ERROR);
    *response.body_mut() = HttpBody::full(Bytes::from_static(
        br#"{"error":"server_error","error_description":"something went wrong; the server's log has more"}"#,
    ));
    response
}

/// The refusal of a body, in the form that the endpoints of OAuth have (RFC 6749, section 5.2).
fn refusal(status: StatusCode) -> Response<HttpBody> {
    let text = format!(
        r#"{{"error":"invalid_request","error_description":"the body is larger than {MAX_BODY} bytes, or did not come whole and in time"}}"#
    );
    let mut response = Response::new(HttpBody::full(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
