//! What goes wrong: for clients in the words of OAuth, for operators in the log.

use std::borrow::Cow;

use http::StatusCode;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use mcp_store::StoreError;
use serde_json::json;

use super::http::{self as answers, Answer};

/// An error as the token endpoint and its kin answer it (RFC 6749, section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) code: &'static str,
    pub(crate) description: Cow<'static, str>,
    pub(crate) status: StatusCode,
    /// The client identified itself with `Basic`, and has to be told so (RFC 6749, section 5.2).
    pub(crate) basic: bool,
}

impl OAuthError {
    /// An error with status 400.
    pub(crate) fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), status: StatusCode::BAD_REQUEST, basic: false }
    }

    pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_grant", description)
    }

    /// The client is not who it says, or did not say. One text for unknown and wrong: which of them is nobody's business.
    pub(crate) fn invalid_client(basic: bool) -> Self {
        let description = "the client is unknown, or did not identify itself as it registered to";
        Self { status: StatusCode::UNAUTHORIZED, basic, ..Self::new("invalid_client", description) }
    }

    /// The server cannot answer now. Clients must not take it for a refusal (RFC 6749, section 4.1.2.1).
    pub(crate) fn unavailable() -> Self {
        let description = "the authorization server cannot answer right now; try again later";
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::new("temporarily_unavailable", description) }
    }

    /// It was tried too often (RFC 6585, section 4). The code is the one that the token endpoint has for it (RFC 8628, section 3.5);
    /// `invalid_client` would make clients throw away credentials that may be good.
    pub(crate) fn too_many() -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, ..Self::new("slow_down", "there were too many attempts; try again later") }
    }

    pub(crate) fn answer(&self) -> Answer {
        let mut answer = answers::json(self.status, &json!({"error": self.code, "error_description": self.description}));
        if self.basic {
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        let later = match self.status {
            StatusCode::SERVICE_UNAVAILABLE => Some("5"),
            StatusCode::TOO_MANY_REQUESTS => Some("60"),
            _ => None,
        };
        if let Some(later) = later {
            answer.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from_static(later));
        }
        answer
    }
}

/// What happens underneath is for the log.
impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the authorization server's store failed");
        Self::unavailable()
    }
}

impl From<super::http::Repeated> for OAuthError {
    fn from(repeated: super::http::Repeated) -> Self {
        Self::invalid_request(format!("`{}` was sent more than once", printable(&repeated.0)))
    }
}

/// What a client sent, made fit for a description (RFC 6749, section 5.2: no quotes, no backslash, ASCII).
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_graphic() && !matches!(character, '"' | '\\' | '`')).take(100).collect()
}
