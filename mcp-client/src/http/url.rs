//! Where a server is.

use std::fmt;

use http::uri::{Authority, PathAndQuery, Scheme, Uri};

use crate::error::{Error, Result};

/// An `http:` or `https:` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    secure: bool,
    authority: Authority,
    pub(crate) path: PathAndQuery,
}

impl Url {
    /// # Errors
    /// When it is not a URL that this client can use.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let unfit = |why: &str| Err(Error::Configuration(format!("`{url}` {why}")));
        let Ok(uri) = url.split('#').next().unwrap_or_default().parse::<Uri>() else {
            return unfit("is not a URL");
        };
        let parts = uri.into_parts();
        match (parts.scheme, parts.authority) {
            (Some(scheme), Some(_)) if scheme == Scheme::HTTPS && !cfg!(feature = "tls") => {
                unfit("needs TLS; build this client with its feature `tls`")
            }
            (Some(scheme), Some(authority)) if scheme == Scheme::HTTP || scheme == Scheme::HTTPS => {
                if authority.as_str().contains('@') {
                    return unfit("holds credentials; pass them as a token or a header");
                }
                if !has_fit_port(&authority) {
                    return unfit("has a port that is none; ports go to 65535");
                }
                let secure = scheme == Scheme::HTTPS;
                Ok(Self { secure, authority, path: parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/")) })
            }
            _ => unfit("is neither an `http:` nor an `https:` URL"),
        }
    }

    /// The URL that a reference means, which must lead to the same server.
    ///
    /// # Errors
    /// When it leads elsewhere: what is sent there may hold a token that is not for others.
    pub(crate) fn resolve(&self, reference: &str) -> Result<Self> {
        let reference = reference.trim();
        if reference.contains("://") || reference.starts_with("//") {
            let other = Self::parse(reference).map_err(|error| Error::transport(error.to_string()))?;
            if (other.secure, other.host(), other.port()) != (self.secure, self.host(), self.port()) {
                return Err(Error::transport(format!(
                    "the server at `{}` wants messages sent to another one, `{reference}`",
                    self.authority
                )));
            }
            return Ok(other);
        }
        let path = if reference.starts_with('/') {
            reference.to_owned()
        } else if reference.starts_with('?') {
            format!("{}{reference}", self.path.path())
        } else {
            let folder = self.path.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{reference}")
        };
        let path = path.parse().map_err(|_| Error::transport(format!("`{reference}` is not where messages could be sent")))?;
        Ok(Self { secure: self.secure, authority: self.authority.clone(), path })
    }

    /// What goes into `Host`.
    pub(crate) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The host to connect to.
    pub(crate) fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port to connect to.
    pub(crate) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// Whether it is an `https:` URL.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }
}

/// Whether the port can be connected to, if there is one. An authority may hold any digits after the colon, or none.
fn has_fit_port(authority: &Authority) -> bool {
    authority.as_str() == authority.host() || authority.port_u16().is_some()
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", if self.secure { "https" } else { "http" }, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_urls_are_taken() {
        for (url, expected) in [
            ("http://localhost:80/mcp?x=1#y", Ok(("localhost", 80, "/mcp?x=1"))),
            ("http://[::1]:8080", Ok(("::1", 8080, "/"))),
            ("http://example.com/a", Ok(("example.com", 80, "/a"))),
            ("http://a:b@example.com/", Err("`http://a:b@example.com/` holds credentials; pass them as a token or a header")),
            ("http://example.com:80900/", Err("`http://example.com:80900/` has a port that is none; ports go to 65535")),
            ("http://[::1]:/", Err("`http://[::1]:/` has a port that is none; ports go to 65535")),
            ("ftp://example.com", Err("`ftp://example.com` is neither an `http:` nor an `https:` URL")),
            ("/mcp", Err("`/mcp` is neither an `http:` nor an `https:` URL")),
            ("a b", Err("`a b` is not a URL")),
        ] {
            let parsed = Url::parse(url).map_err(|error| error.to_string());
            let parts = parsed.as_ref().map(|url| (url.host(), url.port(), url.path.as_str())).map_err(String::as_str);
            assert_eq!(parts, expected, "{url}");
        }
    }

    #[test]
    fn a_secure_url_needs_the_feature() {
        let parsed = Url::parse("https://example.com/a").map(|url| (url.port(), url.to_string())).map_err(|error| error.to_string());
        if cfg!(feature = "tls") {
            assert_eq!(parsed, Ok((443, "https://example.com/a".to_owned())));
        } else {
            assert_eq!(parsed, Err("`https://example.com/a` needs TLS; build this client with its feature `tls`".to_owned()));
        }
    }

    #[test]
    fn messages_stay_with_the_server_that_was_named() {
        let base = Url::parse("http://localhost:8080/v1/sse?a=b").expect("valid");
        for (reference, path) in [
            ("/messages?s=1", Some("/messages?s=1")),
            ("messages?s=1", Some("/v1/messages?s=1")),
            ("?s=1", Some("/v1/sse?s=1")),
            ("http://localhost:8080/m", Some("/m")),
            ("http://localhost:8081/m", None),
            ("http://evil.example/m", None),
            ("//evil.example/m", None),
            ("https://localhost:8080/m", None),
        ] {
            let resolved = base.resolve(reference).ok();
            assert_eq!(resolved.as_ref().map(|url| url.path.as_str()), path, "{reference}");
        }
    }
}
