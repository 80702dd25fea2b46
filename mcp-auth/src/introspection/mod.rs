//! Asking the authorization server about a token (RFC 7662).

mod answer;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode, Uri};
use mcp_core::Principal;

use crate::{AuthError, Bearer, ClientAuth, Clock, Fetch, Resource, VerifyToken, claims, upstream};

/// The endpoint's name in the log.
const ENDPOINT: &str = "introspection";

/// Asks an authorization server's introspection endpoint about every token (RFC 7662).
///
/// It takes any token that the server knows, opaque ones too, and notices a revocation at once; each
/// question is a request, so put it into a [`Cached`](crate::Cached). It cannot tell a token of another
/// issuer from a wrong one: in a [`FirstOf`](crate::FirstOf) it comes after those who can.
#[derive(Clone)]
pub struct Introspection {
    fetcher: Arc<dyn Fetch>,
    endpoint: Uri,
    auth: ClientAuth,
    issuer: Option<String>,
    audience_may_be_missing: bool,
    second_factor: Vec<String>,
    clock: Clock,
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("endpoint", &upstream::shown(&self.endpoint))
            .field("auth", &self.auth)
            .field("issuer", &self.issuer)
            .field("audience_may_be_missing", &self.audience_may_be_missing)
            .field("second_factor", &self.second_factor)
            .finish_non_exhaustive()
    }
}

impl Introspection {
    /// Asks at `endpoint`, an absolute URL, identifying this server by `auth`.
    pub fn new(fetcher: Arc<dyn Fetch>, endpoint: Uri, auth: ClientAuth) -> Self {
        Self {
            fetcher,
            endpoint,
            auth,
            issuer: None,
            audience_may_be_missing: false,
            second_factor: vec!["mfa".to_owned()],
            clock: Clock::default(),
        }
    }

    /// Names the issuer: protected resource metadata shows it, and an answer with another `iss` is refused.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Takes tokens of which the answer does not say for whom they are.
    ///
    /// Only for authorization servers whose tokens are for nobody else but this server: otherwise a
    /// token that somebody gave to another service opens this one. One that names others is refused still.
    #[must_use]
    pub fn accept_missing_audience(mut self) -> Self {
        self.audience_may_be_missing = true;
        self
    }

    /// The authentication methods (`amr`, RFC 8176) that are a second factor; `mfa` unless set.
    #[must_use]
    pub fn second_factor(mut self, methods: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.second_factor = methods.into_iter().map(Into::into).collect();
        self
    }

    /// Replaces the clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The question (RFC 7662, section 2.1).
    fn request(&self, token: Bearer<'_>) -> Result<Request<Bytes>, http::Error> {
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token.expose()).append_pair("token_type_hint", "access_token");
        self.auth.fill(&mut form);
        let mut request = Request::post(&self.endpoint)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form.finish()))?;
        if let Some(value) = self.auth.header()? {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }
}

#[async_trait]
impl VerifyToken for Introspection {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        let answer = upstream::ask(&*self.fetcher, ENDPOINT, self.request(token)).await?;
        match answer.status() {
            StatusCode::OK => {}
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                let endpoint = upstream::shown(&self.endpoint);
                tracing::error!(endpoint, status = status.as_u16(), "the issuer refuses this server's client credentials");
                return Err(AuthError::Unavailable { retry_after: upstream::retry_after(&answer) });
            }
            _ => return Err(upstream::unexpected(ENDPOINT, "it is not 200", &answer)),
        }
        let claims = upstream::object(ENDPOINT, &answer)?;
        let active = answer::is_active(&claims).ok_or_else(|| upstream::unexpected(ENDPOINT, "it does not say `active`", &answer))?;
        if !active {
            return Err(AuthError::invalid("the token is not active"));
        }
        answer::check_kind(&claims)?;
        claims::check_issuer(&claims, self.issuer.as_deref())?;
        match claims::is_for(&claims, resource) {
            Some(true) => {}
            None if self.audience_may_be_missing => {}
            None => return Err(AuthError::invalid("the token names no audience")),
            Some(false) => return Err(AuthError::invalid("the token is meant for another resource")),
        }
        claims::check_times(&claims, self.clock.now())?;
        // Who vouches is who was asked: the answer may name any other.
        let asked = self.endpoint.to_string();
        claims::principal(Some(self.issuer.as_deref().unwrap_or(&asked)), claims, &self.second_factor)
    }

    fn issuers(&self) -> Vec<String> {
        self.issuer.iter().cloned().collect()
    }
}
