//! The three parts of a token, before anything of it is believed (RFC 7515, section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::json::{NotAnObject, object};
use crate::{AuthError, MAX_TOKEN_BYTES};

/// A token in its three parts, still encoded.
#[derive(Clone, Copy)]
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// What is signed: header and payload with the dot between them.
    pub(super) signed: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token without looking into it; `None` if it is too long or has not three parts.
    pub(super) fn split(token: &'a str) -> Option<Self> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        (!payload.contains('.')).then_some(Self { header, payload, signature, signed })
    }
}

/// Decodes base64url without padding, as RFC 7515, section 2, wants it; other spellings of the same bytes are none.
pub(super) fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// The claims of a token whose signature is not verified yet. They say whose key to verify it with and nothing else.
pub(super) struct Unverified(Map<String, Value>);

impl Unverified {
    /// Reads the payload of a token.
    ///
    /// # Errors
    /// [`AuthError::NotMine`] when it is no JSON object.
    pub(super) fn parse(payload: &str) -> Result<Self, AuthError> {
        let bytes = decode(payload).ok_or(AuthError::NotMine)?;
        object(&bytes).map(Self).map_err(|why| match why {
            NotAnObject::Malformed => AuthError::NotMine,
            NotAnObject::Repeated => AuthError::invalid("the token has a claim twice"),
        })
    }

    /// The issuer it claims to have.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.0.get("iss")?.as_str()
    }

    /// The claims, once the signature is verified.
    pub(super) fn verified(self) -> Map<String, Value> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_parts() {
        let long = format!("a.b.{}", "c".repeat(MAX_TOKEN_BYTES));
        for (token, parts) in [
            ("a.b.c", Some(("a", "b", "c", "a.b"))),
            ("a.b.", Some(("a", "b", "", "a.b"))),
            ("..", Some(("", "", "", "."))),
            ("a.b", None),
            ("a.b.c.d", None),
            ("a.b.c.d.e", None),
            ("", None),
            (&long, None),
        ] {
            let split = Compact::split(token).map(|token| (token.header, token.payload, token.signature, token.signed));
            assert_eq!(split, parts, "{token:.40}");
        }
    }

    #[test]
    fn bytes_have_one_spelling() {
        for (part, bytes) in [("YQ", Some("a")), ("", Some("")), ("YQ==", None), ("YR", None), ("Y Q", None), ("Y", None), ("++", None)] {
            assert_eq!(decode(part).as_deref(), bytes.map(str::as_bytes), "{part}");
        }
    }
}
