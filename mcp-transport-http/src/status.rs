//! From the outcome of a reply to a status line and headers.

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use mcp_auth::{AuthError, bearer_challenge};
use mcp_core::{Challenge, Outcome, Reply, RpcError, code};

use crate::body::HttpBody;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The response that carries a finished reply.
pub(crate) fn respond(reply: Reply) -> Response<HttpBody> {
    let status = match &reply.outcome {
        Outcome::Answered | Outcome::Opened { .. } => StatusCode::OK,
        Outcome::Accepted | Outcome::Cancelled => StatusCode::ACCEPTED,
        Outcome::Malformed | Outcome::InvalidArguments => StatusCode::BAD_REQUEST,
        Outcome::UnknownMethod | Outcome::UnknownSession | Outcome::UnknownItem => StatusCode::NOT_FOUND,
        Outcome::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Outcome::Forbidden(_) => StatusCode::FORBIDDEN,
        Outcome::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Outcome::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        Outcome::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let empty = reply.body.is_empty();
    let mut response = Response::new(HttpBody::full(reply.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !empty {
        headers.insert(CONTENT_TYPE, JSON);
    }
    match reply.outcome {
        Outcome::Opened { session } => {
            if let Ok(session) = HeaderValue::try_from(session) {
                headers.insert("mcp-session-id", session);
            }
        }
        Outcome::Unauthenticated(challenge) => insert_challenge(headers, &challenge, None),
        Outcome::Forbidden(challenge) if challenge.second_factor => {
            insert_challenge(headers, &challenge, Some("insufficient_user_authentication"));
        }
        Outcome::Forbidden(challenge) if !challenge.scopes.is_empty() => insert_challenge(headers, &challenge, Some("insufficient_scope")),
        Outcome::Busy { retry_after } => {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after));
        }
        _ => {}
    }
    response
}

/// A reply with a status that no outcome stands for.
pub(crate) fn respond_with(reply: Reply, status: StatusCode) -> Response<HttpBody> {
    let mut response = respond(reply);
    *response.status_mut() = status;
    response
}

fn insert_challenge(headers: &mut http::HeaderMap, challenge: &Challenge, error: Option<&str>) {
    if let Ok(value) = HeaderValue::try_from(bearer_challenge(error, &challenge.scopes)) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
}

/// The refusal of a caller whose identity is not settled.
pub(crate) fn unauthenticated(error: &AuthError) -> Response<HttpBody> {
    let (message, challenge) = match error {
        AuthError::Unavailable { retry_after } => {
            let error = RpcError::new(code::BUSY, "who is calling cannot be verified right now; try again later");
            let mut response = respond_with(Reply::refusal(&error, Outcome::Failed), StatusCode::SERVICE_UNAVAILABLE);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
            return response;
        }
        AuthError::Invalid { .. } | AuthError::NotMine => ("the credentials are not valid; sign in again", Some("invalid_token")),
        _ => ("this server needs to know who is calling; sign in first", None),
    };
    let error = RpcError::new(code::UNAUTHENTICATED, message);
    let mut response = respond(Reply::refusal(&error, Outcome::Unauthenticated(Challenge::default())));
    insert_challenge(response.headers_mut(), &Challenge::default(), challenge);
    response
}

/// The refusal of a method that a path does not have.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<HttpBody> {
    let error = RpcError::invalid_request(format!("this HTTP method is not served here; there are {allowed}"));
    let mut response = respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::METHOD_NOT_ALLOWED);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The refusal of a path that is not served.
pub(crate) fn no_such_path(endpoint: &str) -> Response<HttpBody> {
    let error = RpcError::invalid_request(format!("nothing is served at this path; the MCP endpoint is `{endpoint}`"));
    respond_with(Reply::refusal(&error, Outcome::Malformed), StatusCode::NOT_FOUND)
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::full(bytes::Bytes::new()));
    *response.status_mut() = status;
    response
}
