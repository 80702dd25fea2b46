//! Telling a back end who is calling, in the headers that back ends behind authenticating proxies expect.

use http::{HeaderName, HeaderValue};
use mcp_core::{Principal, ScopeSet};

use crate::request::Header;

const USER: HeaderName = HeaderName::from_static("x-auth-user");
const SCOPES: HeaderName = HeaderName::from_static("x-auth-scopes");
const EMAIL: HeaderName = HeaderName::from_static("x-auth-email");
const SECRET: HeaderName = HeaderName::from_static("x-auth-secret");

/// Tells the upstream who is calling: `X-Auth-User`, `X-Auth-Scopes` and `X-Auth-Email`.
///
/// Requests to the upstream are made anew, so that nothing a caller sends in such headers gets there.
#[derive(Clone, Default)]
pub struct Identity {
    secret: Option<String>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("secret", &self.secret.as_ref().map(|_| "[redacted]")).finish()
    }
}

impl Identity {
    /// Sends a secret as `X-Auth-Secret`, too, by which the back end knows this server.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// By which the back end knows this server in what it asks for itself.
    pub(crate) fn known_by(&self) -> Option<(&'static str, &str)> {
        Some(("x-auth-secret", self.secret.as_deref()?))
    }

    /// The headers of a request, those among them that are not sent for this caller.
    pub(crate) fn headers(&self, principal: &Principal) -> Vec<Header> {
        let values = self.values(principal);
        [USER, SCOPES, EMAIL, SECRET]
            .into_iter()
            .map(|name| {
                let value = values.iter().find(|(known, _)| *known == name.as_str()).map(|(_, value)| value);
                let value = value.and_then(|value| HeaderValue::from_str(value).ok());
                (name, value)
            })
            .collect()
    }

    /// The headers that are sent for a caller.
    fn values(&self, principal: &Principal) -> Vec<(&'static str, String)> {
        let scopes = match principal.scopes() {
            ScopeSet::These(scopes) => scopes.iter().cloned().collect::<Vec<_>>().join(" "),
            // Every scope has no name of its own; the back end is told of none rather than of too many.
            _ => String::new(),
        };
        let verified = principal.claim("email_verified").and_then(serde_json::Value::as_bool).unwrap_or(false);
        let email = principal.claim("email").and_then(serde_json::Value::as_str).filter(|_| verified);
        let user = principal.subject().map(str::to_owned);
        let all = [
            ("x-auth-user", user.clone()),
            ("x-auth-scopes", user.is_some().then_some(scopes)),
            ("x-auth-email", email.map(str::to_owned)),
            ("x-auth-secret", self.secret.clone()),
        ];
        // A name that no header can carry is none: the back end then refuses, and takes nobody for somebody else.
        all.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| HeaderValue::from_str(value).is_ok())?))).collect()
    }
}
