//! What an issuer's endpoint answers about a token, and what it means when it does not answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, Response, Uri};
use serde_json::{Map, Value};

use crate::{AuthError, Fetch};

/// When to try again if the endpoint does not say.
const DEFAULT_RETRY: Duration = Duration::from_secs(5);

/// The longest wait that is passed on: an endpoint must not keep callers away for days.
const MAX_RETRY: Duration = Duration::from_secs(60);

/// The longest answer that is read, in bytes. A fetcher has a bound of its own, which may be larger.
const MAX_ANSWER_BYTES: usize = 64 * 1_024;

/// Sends a request. `endpoint` says in the log which one it was for.
///
/// # Errors
/// [`AuthError::Unavailable`] when it cannot be sent or is not answered.
pub(crate) async fn ask(
    fetcher: &dyn Fetch,
    endpoint: &'static str,
    request: Result<Request<Bytes>, http::Error>,
) -> Result<Response<Bytes>, AuthError> {
    let request = request.map_err(|error| {
        tracing::error!(endpoint, %error, "the request cannot be written; its URL or credentials are malformed");
        AuthError::Unavailable { retry_after: MAX_RETRY }
    })?;
    fetcher.fetch(request).await.map_err(|error| {
        tracing::warn!(endpoint, %error, "the issuer cannot be asked");
        AuthError::Unavailable { retry_after: DEFAULT_RETRY }
    })
}

/// The JSON object in an answer.
///
/// # Errors
/// [`AuthError::Unavailable`] when there is something else in it: that says nothing about the token.
pub(crate) fn object(endpoint: &'static str, answer: &Response<Bytes>) -> Result<Map<String, Value>, AuthError> {
    let body = answer.body();
    match (body.len() <= MAX_ANSWER_BYTES).then(|| serde_json::from_slice(body)) {
        Some(Ok(object)) => Ok(object),
        Some(Err(_)) => Err(unexpected(endpoint, "it is not a JSON object", answer)),
        None => Err(unexpected(endpoint, "it is too long", answer)),
    }
}

/// Logs an answer that says nothing about the token, without its body, and says when to try again.
pub(crate) fn unexpected(endpoint: &'static str, why: &'static str, answer: &Response<Bytes>) -> AuthError {
    tracing::warn!(endpoint, status = answer.status().as_u16(), why, "the issuer's answer is of no use");
    AuthError::Unavailable { retry_after: retry_after(answer) }
}

/// How long an answer asks to wait, in seconds (RFC 9110, section 10.2.3); a date counts as nothing said.
pub(crate) fn retry_after(answer: &Response<Bytes>) -> Duration {
    let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    seconds.map_or(DEFAULT_RETRY, |seconds| Duration::from_secs(seconds).clamp(Duration::from_secs(1), MAX_RETRY))
}

/// What of an endpoint's URL may be shown: user and query may hold secrets.
pub(crate) fn shown(url: &Uri) -> String {
    format!("{}://{}{}", url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_are_bounded() {
        for (header, seconds) in [
            (None, 5),
            (Some("7"), 7),
            (Some("0"), 1),
            (Some("86400"), 60),
            (Some("99999999999999999999999"), 5),
            (Some("-1"), 5),
            (Some("Fri, 21 Nov 2026 09:00:00 GMT"), 5),
        ] {
            let mut answer = Response::new(Bytes::new());
            if let Some(header) = header {
                answer.headers_mut().insert(RETRY_AFTER, header.parse().expect("a value"));
            }
            assert_eq!(retry_after(&answer), Duration::from_secs(seconds), "{header:?}");
        }
    }

    #[test]
    fn only_json_objects_of_bounded_size_are_read() {
        let long = format!("{{\"a\":\"{}\"}}", "a".repeat(MAX_ANSWER_BYTES));
        let deep = format!("{{\"a\":{}", "[".repeat(50_000));
        for (body, read) in [("{\"a\":1}", true), ("[]", false), ("", false), ("<html>", false), (&long, false), (&deep, false)] {
            assert_eq!(object("test", &Response::new(Bytes::from(body.to_owned()))).is_ok(), read, "{}", &body[..body.len().min(20)]);
        }
    }

    #[test]
    fn urls_are_shown_without_user_and_query() {
        let url = "https://user:secret@issuer.example/introspect?key=secret".parse().expect("a URL");
        assert_eq!(shown(&url), "https://issuer.example/introspect");
    }
}
