//! Bearer tokens, and who can tell whose they are.

use std::fmt;

use async_trait::async_trait;
use mcp_core::Principal;

use crate::{AuthError, Authenticate, Credentials, LastToken, Resource};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1_024;

/// A bearer token (RFC 6750). Never shown by `Debug`.
#[derive(Clone, Copy)]
pub struct Bearer<'a> {
    token: &'a str,
    last: Option<&'a LastToken>,
}

impl<'a> Bearer<'a> {
    /// A token as it was presented.
    ///
    /// # Errors
    /// When it is empty, too long, or not `b64token` of RFC 6750, section 2.1.
    pub fn parse(token: &'a str) -> Result<Self, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::invalid("the token is too long"));
        }
        let body = token.trim_end_matches('=');
        // Every call with a token comes by here: without a way out early, this is done sixteen bytes at a time.
        let valid = body.bytes().fold(true, |valid, byte| valid & is_token_byte(byte));
        if body.is_empty() || !valid {
            return Err(AuthError::invalid("the token is malformed"));
        }
        Ok(Self { token, last: None })
    }

    /// A token as it was presented on a connection where `last` was the last one.
    pub(crate) fn parse_after(token: &'a str, last: Option<&'a LastToken>) -> Result<Self, AuthError> {
        if last.is_some_and(|last| last.is(token)) {
            return Ok(Self { token, last });
        }
        Ok(Self { last, ..Self::parse(token)? })
    }

    /// The last token of the connection on which it was presented.
    #[cfg_attr(not(feature = "providers"), expect(dead_code, reason = "`Cached` alone knows callers again"))]
    pub(crate) fn last(self) -> Option<&'a LastToken> {
        self.last
    }

    /// The token itself. It belongs into no message, record or request but the one that verifies it.
    pub fn expose(self) -> &'a str {
        self.token
    }
}

/// Whether a byte may stand in a token before its padding.
const fn is_token_byte(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `-`, `.`, `/` and the digits follow one another in ASCII.
    letter | (byte.wrapping_sub(b'-') <= b'9' - b'-') | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

impl PartialEq for Bearer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.token == other.token
    }
}

impl Eq for Bearer<'_> {}

impl fmt::Debug for Bearer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer([redacted])")
    }
}

/// Decides whose a bearer token is. Every implementation is an [`Authenticate`] too.
#[async_trait]
pub trait VerifyToken: Send + Sync + 'static {
    /// Decides whose token it is and whether it is good for `resource`.
    ///
    /// # Errors
    /// [`AuthError::NotMine`] when another provider may know the token, else why it is refused.
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError>;

    /// The issuers of the tokens, as protected resource metadata names them (RFC 9728, section 2).
    fn issuers(&self) -> Vec<String> {
        Vec::new()
    }
}

#[async_trait]
impl<V: VerifyToken> Authenticate for V {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        match credentials.bearer()? {
            Some(token) => self.verify(token, credentials.resource()).await,
            None => Err(AuthError::Missing),
        }
    }

    fn issuers(&self) -> Vec<String> {
        VerifyToken::issuers(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_bytes_are_those_of_the_grammar() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_token_byte(byte), byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte), "{byte:#x}");
        }
    }
}
