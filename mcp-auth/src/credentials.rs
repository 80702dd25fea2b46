//! What a request says of its caller.

use std::net::IpAddr;

use mcp_core::Headers;

use crate::{AuthError, Bearer, LastToken, Resource};

/// What a request says of its caller, before anything of it is believed.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    headers: &'a dyn Headers,
    peer: Option<IpAddr>,
    resource: &'a Resource,
    last: Option<&'a LastToken>,
}

impl std::fmt::Debug for Credentials<'_> {
    /// Shows no header: one of them may be a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl<'a> Credentials<'a> {
    /// The headers of a request, the address it came from, and what it wants to use.
    pub fn new(headers: &'a dyn Headers, peer: Option<IpAddr>, resource: &'a Resource) -> Self {
        Self { headers, peer, resource, last: None }
    }

    /// The same, on a connection where `last` was the last token.
    #[must_use]
    pub fn after(self, last: &'a LastToken) -> Self {
        Self { last: Some(last), ..self }
    }

    /// The address the request came from, if the transport knows it.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// A header that occurs once and is text; names are lower case.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.headers.get(name)?).ok()
    }

    /// Whether a header occurs more than once.
    pub fn repeats(&self, name: &str) -> bool {
        self.headers.repeats(name)
    }

    /// What the caller wants to use.
    pub fn resource(&self) -> &'a Resource {
        self.resource
    }

    /// The bearer token (RFC 6750, section 2.1), if there is one.
    ///
    /// # Errors
    /// When there are several `Authorization` headers, or one that is not one token: which of them
    /// counts would depend on who reads it.
    pub fn bearer(&self) -> Result<Option<Bearer<'a>>, AuthError> {
        if self.headers.repeats("authorization") {
            return Err(AuthError::invalid("there is more than one Authorization header"));
        }
        let Some(value) = self.headers.get("authorization") else { return Ok(None) };
        let value = std::str::from_utf8(value).map_err(|_| AuthError::invalid("the Authorization header is malformed"))?;
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        Bearer::parse_after(token.trim_matches(' '), self.last).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(&'static str);

    impl Headers for One {
        fn get(&self, name: &str) -> Option<&[u8]> {
            (name == "authorization").then_some(self.0.as_bytes())
        }

        fn repeats(&self, _: &str) -> bool {
            false
        }
    }

    #[test]
    fn a_bearer_token_is_one_word_after_the_scheme() {
        let resource = Resource::parse("http://localhost/mcp").expect("a URL");
        for (header, token) in [
            ("Bearer abc", Ok(Some("abc"))),
            ("bearer abc==", Ok(Some("abc=="))),
            ("Bearer abc def", Err(())),
            ("Bearer abc, Bearer def", Err(())),
            ("Bearer ", Err(())),
            ("Bearer", Err(())),
            ("Bearer a\"b", Err(())),
            ("Basic abc", Ok(None)),
            ("abc", Ok(None)),
        ] {
            let headers = One(header);
            let found = Credentials::new(&headers, None, &resource).bearer();
            assert_eq!(found.map(|token| token.map(Bearer::expose)).map_err(drop), token, "{header}");
        }
    }
}
