//! How this server identifies itself at an authorization server's endpoints.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use http::HeaderValue;
use http::header::InvalidHeaderValue;

/// How this server identifies itself at an authorization server's endpoints. `Debug` shows no secret.
#[derive(Clone)]
pub struct ClientAuth(Method);

#[derive(Clone)]
enum Method {
    Basic { id: String, secret: String },
    Post { id: String, secret: String },
    Bearer { token: String },
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, id) = match &self.0 {
            Method::Basic { id, .. } => ("Basic", id.as_str()),
            Method::Post { id, .. } => ("Post", id.as_str()),
            Method::Bearer { .. } => ("Bearer", "[redacted]"),
        };
        f.debug_tuple(method).field(&id).finish()
    }
}

impl ClientAuth {
    /// `client_secret_basic` (RFC 6749, section 2.3.1).
    pub fn basic(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self(Method::Basic { id: id.into(), secret: secret.into() })
    }

    /// `client_secret_post` (RFC 6749, section 2.3.1).
    pub fn post(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self(Method::Post { id: id.into(), secret: secret.into() })
    }

    /// A bearer token of this server's own (RFC 7662, section 2.1).
    pub fn bearer(token: impl Into<String>) -> Self {
        Self(Method::Bearer { token: token.into() })
    }

    /// The `Authorization` header, if that is where the credentials go.
    ///
    /// # Errors
    /// When a token is no header value.
    pub(crate) fn header(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        match &self.0 {
            Method::Basic { id, secret } => {
                // Both are form-encoded first, so that a colon in the id is no separator.
                let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(id), encode(secret));
                sensitive(&format!("Basic {}", STANDARD.encode(pair))).map(Some)
            }
            Method::Bearer { token } => sensitive(&format!("Bearer {token}")).map(Some),
            Method::Post { .. } => Ok(None),
        }
    }

    /// Writes the credentials into a form, if that is where they go.
    pub(crate) fn fill(&self, form: &mut Serializer<'_, String>) {
        if let Method::Post { id, secret } = &self.0 {
            form.append_pair("client_id", id).append_pair("client_secret", secret);
        }
    }
}

/// A header value that HTTP libraries do not show or compress.
pub(crate) fn sensitive(value: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_where_their_method_puts_them() {
        for (auth, header, form) in [
            // "my+app%3A1:p%26w"
            (ClientAuth::basic("my app:1", "p&w"), Some("Basic bXkrYXBwJTNBMTpwJTI2dw=="), ""),
            (ClientAuth::post("my app", "p&w"), None, "client_id=my+app&client_secret=p%26w"),
            (ClientAuth::bearer("abc"), Some("Bearer abc"), ""),
        ] {
            let found = auth.header().expect("a value");
            assert!(found.iter().all(HeaderValue::is_sensitive));
            assert_eq!(found.as_ref().and_then(|value| value.to_str().ok()), header, "{auth:?}");
            let mut written = Serializer::new(String::new());
            auth.fill(&mut written);
            assert_eq!(written.finish(), form, "{auth:?}");
        }
        assert!(ClientAuth::bearer("a\nb").header().is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        for auth in [ClientAuth::basic("app", "hush"), ClientAuth::post("app", "hush"), ClientAuth::bearer("hush")] {
            assert!(!format!("{auth:?}").contains("hush"));
        }
    }
}
