//! The token endpoint (RFC 6749, section 3.2).

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::json;

use super::access::Access;
use super::{code, credentials, refresh};
use crate::server::Inner;
use crate::server::client::Client;
use crate::server::error::OAuthError;
use crate::server::http::{self as answers, Answer, Asked, Params};
use crate::server::record::Event;

/// Answers a request for a token.
pub(crate) async fn answer(server: &Inner, asked: &Asked) -> Answer {
    issue(server, asked).await.unwrap_or_else(|error| error.answer())
}

async fn issue(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let form = form(asked)?;
    form.check_repeated(&["resource"])?;
    let grant = form.first("grant_type").ok_or_else(|| OAuthError::invalid_request("`grant_type` is missing"))?;
    match grant {
        "authorization_code" => code::exchange(server, asked, &form).await,
        "refresh_token" => refresh::renew(server, asked, &form).await,
        "client_credentials" => credentials::issue(server, asked, &form).await,
        _ => Err(OAuthError::new(
            "unsupported_grant_type",
            "tokens are given for `authorization_code`, `refresh_token` and `client_credentials`",
        )),
    }
}

impl Inner {
    /// The client that a request is of. Whoever is none is recorded.
    pub(super) async fn client_of(&self, operation: &'static str, asked: &Asked, form: &Params) -> Result<Client, OAuthError> {
        let client = self.clients.authenticate(asked, form).await;
        client.inspect_err(|error| self.record(&Event::new(operation).denied(error.code)))
    }
}

/// The form of a POST; nothing else is read here (RFC 6749, section 4.1.3).
pub(super) fn form(asked: &Asked) -> Result<Params, OAuthError> {
    if asked.method != Method::POST {
        return Err(OAuthError { status: StatusCode::METHOD_NOT_ALLOWED, ..OAuthError::invalid_request("send a POST") });
    }
    asked.form().ok_or_else(|| OAuthError::invalid_request("send the parameters as application/x-www-form-urlencoded, not as JSON"))
}

/// The resources that a token is asked for: those named, which must be among the granted, or all of these.
pub(super) fn narrowed_resources(server: &Inner, form: &Params, granted: &[String]) -> Result<Vec<String>, OAuthError> {
    let named = server.rules.resources_of(form.all("resource"))?;
    if named.iter().any(|resource| !granted.contains(resource)) {
        return Err(OAuthError::new("invalid_target", "a `resource` is not among those that were granted"));
    }
    Ok(if named.is_empty() { granted.to_vec() } else { named })
}

/// The answer with tokens (RFC 6749, section 5.1).
pub(super) fn tokens(access: &Access, refresh: Option<&str>) -> Answer {
    let mut answer = json!({
        "access_token": access.token,
        "token_type": "Bearer",
        "expires_in": access.expires_in,
        "scope": joined(&access.scopes),
    });
    if let Some(refresh) = refresh {
        answer["refresh_token"] = json!(refresh);
    }
    answers::json(StatusCode::OK, &answer)
}

fn joined(scopes: &BTreeSet<String>) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}
