//! What a token says of how it is signed (RFC 7515, section 4).

use serde_json::Value;

use super::compact::{Compact, decode};
use super::json::object;
use crate::AuthError;

/// The header of a token. `jwk`, `jku`, `x5u` and `x5c` are not read: keys come from the issuer and from nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
}

impl Header {
    /// Reads the header of a token.
    ///
    /// # Errors
    /// When it is malformed or has a `crit` member: no extension is known here (RFC 7515, section 4.1.11).
    pub(super) fn parse(part: &str) -> Result<Self, AuthError> {
        const MALFORMED: AuthError = AuthError::invalid("the header of the token is malformed");
        let mut members = decode(part).and_then(|bytes| object(&bytes).ok()).ok_or(MALFORMED)?;
        if members.contains_key("crit") {
            return Err(AuthError::invalid("the token needs an extension that is not known"));
        }
        let mut text = |name: &str| match members.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(MALFORMED),
        };
        Ok(Self { alg: text("alg")?.ok_or(MALFORMED)?, kid: text("kid")?, typ: text("typ")? })
    }

    /// Whether the token says that it is an access token (RFC 9068, section 4); `plain` if it need not say so.
    pub(super) fn is_access_token(&self, plain: bool) -> bool {
        let Some(typ) = self.typ.as_deref() else { return plain };
        let is = |name: &str| typ.eq_ignore_ascii_case(name);
        is("at+jwt") || is("application/at+jwt") || plain && is("JWT")
    }
}

/// Reads the header of a token and believes nothing of it.
///
/// # Errors
/// [`AuthError::NotMine`] when it has not three parts, and when its header is malformed.
pub fn decode_header(token: &str) -> Result<Header, AuthError> {
    Header::parse(Compact::split(token).ok_or(AuthError::NotMine)?.header)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn headers_are_read_strictly() {
        for (header, valid) in [
            (r#"{"alg":"ES256"}"#, true),
            (r#"{"alg":"ES256","kid":"a","typ":"at+jwt","jku":"https://evil.example","x5c":[]}"#, true),
            (r#"{"alg":"ES256","alg":"none"}"#, false),
            (r#"{"alg":"ES256","kid":"a","kid":"b"}"#, false),
            (r#"{"alg":"ES256","crit":["exp"]}"#, false),
            (r#"{"alg":"ES256","crit":[]}"#, false),
            (r#"{"alg":"ES256","crit":null}"#, false),
            (r#"{"alg":["ES256"]}"#, false),
            (r#"{"alg":"ES256","kid":1}"#, false),
            (r#"{"alg":"ES256","typ":null}"#, false),
            ("{}", false),
            ("null", false),
            ("", false),
        ] {
            let token = format!("{}.e30.", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(decode_header(&token).is_ok(), valid, "{header}");
        }
        assert_eq!(decode_header("opaque"), Err(AuthError::NotMine));
    }

    #[test]
    fn access_tokens_say_what_they_are() {
        for (typ, strict, plain) in [
            (Some("at+jwt"), true, true),
            (Some("AT+JWT"), true, true),
            (Some("application/at+jwt"), true, true),
            (Some("JWT"), false, true),
            (None, false, true),
            (Some("logout+jwt"), false, false),
            (Some("dpop+jwt"), false, false),
            (Some("client-authentication+jwt"), false, false),
            (Some(""), false, false),
        ] {
            let header = Header { alg: "ES256".to_owned(), kid: None, typ: typ.map(str::to_owned) };
            assert_eq!((header.is_access_token(false), header.is_access_token(true)), (strict, plain), "{typ:?}");
        }
    }
}
