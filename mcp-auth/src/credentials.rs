//! What a request says of its caller.

use std::net::IpAddr;

use mcp_core::Headers;

/// What a request says of its caller, before anything of it is believed.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    headers: &'a dyn Headers,
    peer: Option<IpAddr>,
}

impl std::fmt::Debug for Credentials<'_> {
    /// Shows no header: one of them may be a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl<'a> Credentials<'a> {
    /// The headers of a request and the address it came from.
    pub fn new(headers: &'a dyn Headers, peer: Option<IpAddr>) -> Self {
        Self { headers, peer }
    }

    /// The address the request came from, if the transport knows it.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// A header that occurs once and is text; names are lower case.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.headers.get(name)?).ok()
    }

    /// The bearer token (RFC 6750, section 2.1), if there is one and no more than one.
    pub fn bearer(&self) -> Option<&'a str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        let token = token.trim_matches(' ');
        let valid = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains([' ', ',']);
        valid.then_some(token)
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
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("Bearer abc def", None),
            ("Bearer ", None),
            ("Basic abc", None),
            ("abc", None),
        ] {
            assert_eq!(Credentials::new(&One(header), None).bearer(), token, "{header}");
        }
    }
}
