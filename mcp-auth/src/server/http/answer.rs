//! A response.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, PRAGMA, SET_COOKIE};
use http::{Response, StatusCode};

/// A response on its way.
pub(crate) type Answer = Response<Bytes>;

/// What every page may load and do: its own style, pictures of its own, and nothing else. There is no `form-action`: browsers
/// apply it to where a form's answer leads, and an approved sign-in leads to the client.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    answer
}

/// A JSON document that nobody keeps (RFC 6749, section 5.1).
pub(crate) fn json(status: StatusCode, document: &serde_json::Value) -> Answer {
    answer(status, "application/json", document.to_string())
}

/// A text that nobody keeps.
pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    answer(status, "text/plain; charset=utf-8", text)
}

/// A page for a person, which is in no frame and says nothing of where it leads.
pub(crate) fn html(status: StatusCode, page: impl Into<Bytes>) -> Answer {
    let mut answer = answer(status, "text/html; charset=utf-8", page);
    let headers = answer.headers_mut();
    headers.insert(HeaderName::from_static("content-security-policy"), HeaderValue::from_static(PAGE_POLICY));
    headers.insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    answer
}

/// Leads a browser elsewhere with a GET, whatever it came with (RFC 9700, section 4.12).
pub(crate) fn redirect(to: &str) -> Answer {
    let mut answer = html(StatusCode::SEE_OTHER, "");
    if let Ok(to) = HeaderValue::from_str(to) {
        answer.headers_mut().insert(LOCATION, to);
    }
    answer
}

/// Nothing to say.
pub(crate) fn no_content() -> Answer {
    let mut answer = answer(StatusCode::NO_CONTENT, "application/json", "");
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}

/// The same response, with a cookie.
pub(crate) trait WithCookie {
    fn with_cookie(self, cookie: &str) -> Self;
}

impl WithCookie for Answer {
    fn with_cookie(mut self, cookie: &str) -> Self {
        if let Ok(cookie) = HeaderValue::from_str(cookie) {
            self.headers_mut().append(SET_COOKIE, cookie);
        }
        self
    }
}
