//! What browsers may do and see (Fetch Standard, "CORS protocol").

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap, HeaderValue, VARY,
};
use http::{Response, StatusCode};

use crate::body::HttpBody;
use crate::status::empty;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, last-event-id, x-api-key",
);
const EXPOSED: HeaderValue = HeaderValue::from_static("www-authenticate, mcp-session-id, mcp-protocol-version, retry-after");

/// Lets an accepted origin read the response.
pub(crate) fn allow(response: &mut Response<HttpBody>, origin: Option<&HeaderValue>) {
    let Some(origin) = origin else { return };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("origin"));
}

/// Answers the question whether a request may be made. The origin was accepted before.
pub(crate) fn preflight(headers: &HeaderMap, origin: Option<&HeaderValue>) -> Response<HttpBody> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    // `Mcp-Param-*` headers have names of the tools' own; what is asked for is granted.
    // Those by which proxies speak are not for pages: a page on this machine would be believed as if it were a gateway here.
    let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|asked| asked.to_str().ok());
    let own =
        |name: &&str| !["x-auth-", "x-forwarded-", "forwarded"].iter().any(|of_proxies| name.to_ascii_lowercase().starts_with(of_proxies));
    let granted = asked.map(|asked| asked.split(',').map(str::trim).filter(own).collect::<Vec<_>>().join(", "));
    let wanted = granted.and_then(|granted| HeaderValue::try_from(granted).ok()).unwrap_or(HEADERS);
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    allow(&mut response, origin);
    response
}
