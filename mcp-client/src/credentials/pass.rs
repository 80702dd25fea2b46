//! What is sent with one request.

use std::fmt;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::unfit_token;
use crate::error::Result;
use crate::http::Url;

/// Where the proof that a token is one's own goes (RFC 9449, section 4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A request that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The URL of the MCP server, as it was given to [`Builder::connect`](crate::Builder::connect).
    pub resource: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    pub(crate) url: &'a Url,
}

impl Asked<'_> {
    /// The URL that is asked, which is another one than the server's in HTTP+SSE.
    pub fn url(&self) -> String {
        self.url.to_string()
    }
}

/// What is sent with one request. `Debug` does not show it.
#[derive(Clone)]
pub struct Pass {
    authorization: HeaderValue,
    proof: Option<HeaderValue>,
    /// Where in `authorization` the token begins.
    token_at: usize,
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").finish_non_exhaustive()
    }
}

impl Pass {
    /// `Authorization: Bearer` (RFC 6750, section 2.1).
    ///
    /// # Errors
    /// When the token holds what a header may not.
    pub fn bearer(token: &str) -> Result<Self> {
        Self::of("Bearer ", token, None)
    }

    /// `Authorization: DPoP` with the proof for this request (RFC 9449, section 7.1).
    ///
    /// # Errors
    /// When one of them holds what a header may not.
    pub fn dpop(token: &str, proof: &str) -> Result<Self> {
        Self::of("DPoP ", token, Some(sensitive(proof)?))
    }

    fn of(scheme: &str, token: &str, proof: Option<HeaderValue>) -> Result<Self> {
        Ok(Self { authorization: sensitive(&format!("{scheme}{token}"))?, proof, token_at: scheme.len() })
    }

    /// The token, to tell whether it was this one that a server refused.
    pub fn token(&self) -> &str {
        self.authorization.to_str().ok().and_then(|value| value.get(self.token_at..)).unwrap_or_default()
    }

    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, self.authorization);
        if let Some(proof) = self.proof {
            headers.insert(DPOP, proof);
        }
    }
}

fn sensitive(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| unfit_token())?;
    value.set_sensitive(true);
    Ok(value)
}
