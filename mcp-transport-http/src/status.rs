//! From the outcome of a reply to a status line and headers.

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use mcp_auth::{AuthError, BearerChallenge, Resource};
use mcp_core::{Challenge, Outcome, Reply, RpcError, code};

use crate::body::HttpBody;
use crate::service::HttpService;

/// Said of credentials of any kind; which kinds a server takes is nobody's to know who has none.
const NOT_VALID: &str = "the credentials are not valid; sign in again, or send others";
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
        Outcome::Unauthenticated(challenge) => {
            let error = challenge.expired.then_some("invalid_token");
            insert_challenge(headers, &BearerChallenge { error, scopes: &challenge.scopes, ..BearerChallenge::default() });
        }
        Outcome::Forbidden(challenge) if challenge.second_factor || !challenge.scopes.is_empty() => {
            if challenge.second_factor {
                let error = Some("insufficient_user_authentication");
                insert_challenge(headers, &BearerChallenge { error, ..BearerChallenge::default() });
                response.extensions_mut().insert(StepUp(challenge.scopes));
            } else {
                let error = Some("insufficient_scope");
                insert_challenge(headers, &BearerChallenge { error, scopes: &challenge.scopes, ..BearerChallenge::default() });
            }
        }
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

fn insert_challenge(headers: &mut http::HeaderMap, challenge: &BearerChallenge<'_>) {
    if let Ok(value) = HeaderValue::try_from(challenge.to_header()) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
}

/// The scopes to ask for together with a second factor.
#[derive(Clone)]
struct StepUp(Vec<String>);

/// Says in the terms of scopes that a second factor is missing, where a scope stands for one (2026-07-28, basic/authorization, "Scope
/// Challenge Handling").
fn step_up_by_scope(response: &mut Response<HttpBody>, scope: &str) {
    let Some(StepUp(mut scopes)) = response.extensions_mut().remove::<StepUp>() else { return };
    if !scopes.iter().any(|asked| asked == scope) {
        scopes.push(scope.to_owned());
    }
    scopes.sort();
    let challenge = BearerChallenge { error: Some("insufficient_scope"), scopes: &scopes, ..BearerChallenge::default() };
    insert_challenge(response.headers_mut(), &challenge);
}

/// Adds to a challenge where the metadata of the resource is (RFC 9728, section 5.1), and to one that asks who is
/// calling the scopes to ask for at first, unless it names others.
pub(crate) fn complete_challenge(response: &mut Response<HttpBody>, service: &HttpService, resource: &Resource) {
    if !matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return;
    }
    if let Some(scope) = &service.0.config.second_factor_scope {
        step_up_by_scope(response, scope);
    }
    let Some(Ok(challenge)) = response.headers().get(WWW_AUTHENTICATE).map(HeaderValue::to_str) else { return };
    let names_none = response.status() == StatusCode::UNAUTHORIZED && !challenge.contains("scope=\"");
    let scopes = if names_none { service.baseline_scopes() } else { Vec::new() };
    let url = service.metadata_url(resource);
    let more = BearerChallenge { resource_metadata: url.as_deref(), scopes: &scopes, ..BearerChallenge::default() }.to_header();
    let Some(more) = more.strip_prefix("Bearer ") else { return };
    let separator = if challenge == "Bearer" { " " } else { ", " };
    if let Ok(complete) = HeaderValue::try_from(format!("{challenge}{separator}{more}")) {
        response.headers_mut().insert(WWW_AUTHENTICATE, complete);
    }
}

/// The refusal of a caller whose identity is not settled.
pub(crate) fn unauthenticated(error: &AuthError) -> Response<HttpBody> {
    let (message, problem, description) = match error {
        AuthError::Unavailable { retry_after } => {
            let error = RpcError::new(code::BUSY, "who is calling cannot be verified right now; try again later");
            let mut response = respond_with(Reply::refusal(&error, Outcome::Failed), StatusCode::SERVICE_UNAVAILABLE);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
            return response;
        }
        AuthError::NotAdmitted => {
            let error = RpcError::new(code::FORBIDDEN, "this server does not admit the caller");
            return respond(Reply::refusal(&error, Outcome::Forbidden(Challenge::default())));
        }
        AuthError::Invalid { reason } => (NOT_VALID, Some("invalid_token"), Some(*reason)),
        AuthError::NotMine => (NOT_VALID, Some("invalid_token"), None),
        _ => ("this server needs to know who is calling; sign in, or send a token or key", None, None),
    };
    let error = RpcError::new(code::UNAUTHENTICATED, message);
    let mut response = respond(Reply::refusal(&error, Outcome::Unauthenticated(Challenge::default())));
    let challenge = BearerChallenge { error: problem, error_description: description, ..BearerChallenge::default() };
    insert_challenge(response.headers_mut(), &challenge);
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
