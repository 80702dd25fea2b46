//! The server that a token is for (RFC 8707; 2026-07-28, basic/authorization, "Canonical Server URI").

use std::net::IpAddr;

use url::Url;

use super::error::{OAuthError, Result};
use super::reach::Reach;

/// The server that is to be asked with a token.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    url: Url,
    pub(crate) reach: Reach,
}

impl Server {
    /// The server of a URL, which answered from this address, if that is known.
    ///
    /// # Errors
    /// When tokens must not be sent there.
    pub(crate) fn at(url: &str, peer: Option<IpAddr>) -> Result<Self> {
        let named = Url::parse(url).map_or(Reach::Anywhere, |url| Reach::of(&url));
        let mut url = named.check(url)?;
        url.set_fragment(None);
        // A name in a private network leads there, and so may its server.
        Ok(Self { url, reach: peer.map_or(named, |peer| named.min(Reach::of_address(peer))) })
    }

    /// Its canonical URI.
    pub(crate) fn canonical(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        let path = url.path();
        if path == "/" { url.as_str().trim_end_matches('/').to_owned() } else { url.to_string() }
    }

    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Where its metadata is: below the well-known path first, then at the root (RFC 9728, section 3.1).
    pub(crate) fn well_known(&self) -> Vec<String> {
        let root = format!("{}/.well-known/oauth-protected-resource", self.origin());
        match self.url.path().trim_end_matches('/') {
            "" => vec![root],
            path => vec![format!("{root}{path}"), root],
        }
    }

    /// Whether metadata about this resource is about the server: it is the server's URL, or one above it.
    ///
    /// # Errors
    /// When it is another resource.
    pub(crate) fn belongs_to(&self, resource: &str) -> Result<()> {
        let other = || OAuthError::OtherResource { server: self.canonical(), resource: resource.chars().take(300).collect() };
        let parsed = Url::parse(resource).map_err(|_| other())?;
        let above = parsed.path().trim_end_matches('/');
        let below = self.url.path().strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if parsed.origin() == self.url.origin() && parsed.fragment().is_none() && below { Ok(()) } else { Err(other()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_canonical() {
        for (url, canonical) in [
            ("https://MCP.example.com", "https://mcp.example.com"),
            ("https://mcp.example.com/", "https://mcp.example.com"),
            ("https://mcp.example.com:443/mcp#x", "https://mcp.example.com/mcp"),
            ("https://mcp.example.com:8443/a/mcp/?b=c", "https://mcp.example.com:8443/a/mcp/"),
            ("http://localhost:3000/mcp", "http://localhost:3000/mcp"),
        ] {
            assert_eq!(Server::at(url, None).expect("fit").canonical(), canonical);
        }
        assert!(Server::at("http://mcp.example.com/mcp", None).is_err(), "tokens do not travel in clear");
    }

    #[test]
    fn a_server_is_where_it_answered_from() {
        for (url, peer, reach) in [
            ("https://mcp.example.com/mcp", None, Reach::Anywhere),
            ("https://mcp.example.com/mcp", Some("1.1.1.1"), Reach::Anywhere),
            ("https://mcp.example.com/mcp", Some("10.0.0.1"), Reach::Network),
            ("https://mcp.example.com/mcp", Some("::ffff:127.0.0.1"), Reach::Machine),
            ("https://10.0.0.1/mcp", None, Reach::Network),
            ("http://localhost/mcp", None, Reach::Machine),
        ] {
            let peer = peer.map(|peer| peer.parse().expect("an address"));
            assert_eq!(Server::at(url, peer).expect("fit").reach, reach, "{url} {peer:?}");
        }
    }

    #[test]
    fn only_the_server_and_what_is_above_it_can_be_meant() {
        let server = Server::at("https://mcp.example.com/team/mcp", None).expect("fit");
        for (resource, belongs) in [
            ("https://mcp.example.com/team/mcp", true),
            ("https://mcp.example.com/team/mcp/", true),
            ("https://MCP.example.com/team", true),
            ("https://mcp.example.com", true),
            ("https://mcp.example.com/te", false),
            ("https://mcp.example.com/team/mcp/other", false),
            ("https://mcp.example.com:8443/team/mcp", false),
            ("http://mcp.example.com/team/mcp", false),
            ("https://evil.example/team/mcp", false),
            ("https://mcp.example.com@evil.example/team/mcp", false),
            ("https://mcp.example.com/team/mcp#x", false),
            ("mcp", false),
        ] {
            assert_eq!(server.belongs_to(resource).is_ok(), belongs, "{resource}");
        }
    }
}
