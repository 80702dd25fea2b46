//! Requests to other sites, and what they answer.

use std::borrow::Cow;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode};
use serde_json::{Map, Value};

use crate::client_auth::sensitive;
use crate::server::error::printable;
use crate::server::login::LoginError;
use crate::server::login::email::EmailAddress;
use crate::upstream::ask;
use crate::{AuthError, ClientAuth, Fetch};

/// The longest name of a person that is kept, in characters.
const MAX_NAME: usize = 100;

/// Another site.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) name: &'a str,
    pub(super) fetcher: &'a dyn Fetch,
}

impl Site<'_> {
    /// Exchanges a code for tokens (RFC 6749, section 4.1.3).
    pub(super) async fn exchange(
        &self,
        endpoint: &str,
        auth: &ClientAuth,
        form: &[(&str, &str)],
    ) -> Result<Map<String, Value>, LoginError> {
        let body = {
            let mut body = Serializer::new(String::new());
            body.extend_pairs(form);
            auth.fill(&mut body);
            body.finish()
        };
        let mut request = Request::post(endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, AGENT);
        if let Some(header) = auth.header().map_err(|_| self.broken("the client's credentials cannot be sent"))? {
            request = request.header(AUTHORIZATION, header);
        }
        let Value::Object(answer) = self.send("token", request.body(Bytes::from(body))).await? else {
            return Err(self.broken("the answer to the code is no JSON object"));
        };
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(self.broken(format!("the code was refused: {}", printable(error)))),
            None => Ok(answer),
        }
    }

    /// Reads a document with an access token (RFC 6750, section 2.1).
    pub(super) async fn read(&self, endpoint: &'static str, url: &str, accept: &'static str, token: &str) -> Result<Value, LoginError> {
        let authorization = sensitive(&format!("Bearer {token}")).map_err(|_| self.broken("the access token cannot be sent"))?;
        let request = Request::get(url).header(ACCEPT, accept).header(USER_AGENT, AGENT).header(AUTHORIZATION, authorization);
        self.send(endpoint, request.body(Bytes::new())).await
    }

    async fn send(&self, endpoint: &'static str, request: Result<Request<Bytes>, http::Error>) -> Result<Value, LoginError> {
        let answer = ask(self.fetcher, endpoint, request).await.map_err(|error| self.failed(&error))?;
        let document: Option<Value> = serde_json::from_slice(answer.body()).ok();
        match (answer.status(), document) {
            (StatusCode::OK, Some(document)) => Ok(document),
            (status, document) => {
                let error = document.as_ref().and_then(|document| document.get("error")?.as_str()).map(printable).unwrap_or_default();
                Err(self.broken(format!("the endpoint {endpoint} answered {} {error}", status.as_u16())))
            }
        }
    }

    /// What to tell a person when the site says what cannot be believed, or is not there.
    pub(super) fn failed(&self, error: &AuthError) -> LoginError {
        match error {
            AuthError::Unavailable { .. } => LoginError::new(format!("{} cannot be reached right now; try again shortly", self.name)),
            AuthError::Invalid { reason } => self.broken(*reason),
            other => self.broken(other.kind()),
        }
    }

    /// What to tell a person when something is wrong that it can do nothing about. `why` is for the log.
    pub(super) fn broken(&self, why: impl Into<Cow<'static, str>>) -> LoginError {
        tracing::warn!(site = self.name, why = %why.into(), "somebody could not sign in with another site");
        LoginError::new(format!("{} could not tell who you are; try again", self.name))
    }
}

/// Some sites answer nobody who does not say what it is.
const AGENT: &str = concat!("mcp-parity/", env!("CARGO_PKG_VERSION"));

/// An address as it is compared here, if it is one.
pub(super) fn email(text: &str) -> Option<String> {
    EmailAddress::parse(text).map(|address| address.to_string())
}

/// A name that fits on a line.
pub(super) fn name(text: &str) -> Option<String> {
    let name: String = text.trim().chars().filter(|character| !character.is_control()).take(MAX_NAME).collect();
    (!name.is_empty()).then_some(name)
}
