//! What a token must be meant for (RFC 8707, section 2).

use std::fmt;

/// The URL of a protected resource. Scheme and host are compared in any case, the default port may be
/// written or not, and so may one slash at the end; everything else is compared exactly.
#[derive(Clone, Debug)]
pub struct Resource {
    url: String,
    key: String,
    /// Of the other resources whose tokens are good here too.
    others: Vec<String>,
}

/// Why a text is not the URL of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAResource(&'static str);

impl fmt::Display for NotAResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NotAResource {}

impl Resource {
    /// A resource by its URL, as `https://mcp.example.com/mcp`.
    ///
    /// # Errors
    /// When it is not an absolute `http` or `https` URL without user, query and fragment.
    pub fn parse(url: &str) -> Result<Self, NotAResource> {
        let key = key(url).ok_or(NotAResource("a resource is an absolute http or https URL without user, query and fragment"))?;
        Ok(Self { url: url.to_owned(), key, others: Vec::new() })
    }

    /// Takes tokens that are meant for another resource as well. It does not work the other way round.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.others.push(other.key.clone());
        self
    }

    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether an audience names this resource, or one whose tokens are good here too.
    pub fn is(&self, audience: &str) -> bool {
        audience == self.url || key(audience).is_some_and(|key| key == self.key || self.others.contains(&key))
    }
}

/// The form in which two URLs of one resource are equal.
fn key(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\@?#\"<>^`{|}".contains(&byte);
    if authority.is_empty() || !rest.bytes().all(plain) {
        return None;
    }
    let authority = authority.to_ascii_lowercase();
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    let path = path.strip_suffix('/').unwrap_or(path);
    Some(format!("{scheme}://{authority}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spellings_of_the_same_url_are_the_same_resource() {
        let resource = Resource::parse("https://mcp.example.com/mcp").expect("a URL");
        for (audience, same) in [
            ("https://mcp.example.com/mcp", true),
            ("HTTPS://MCP.example.com/mcp", true),
            ("https://mcp.example.com:443/mcp", true),
            ("https://mcp.example.com/mcp/", true),
            ("https://mcp.example.com/mcp//", false),
            ("https://mcp.example.com/mcp-other", false),
            ("https://mcp.example.com/MCP", false),
            ("https://mcp.example.com/%6dcp", false),
            ("https://mcp.example.com:8443/mcp", false),
            ("http://mcp.example.com/mcp", false),
            ("https://mcp.example.com./mcp", false),
            ("https://user@mcp.example.com/mcp", false),
            ("https://mcp.example.com/mcp?x", false),
            ("https://mcp.example.com/mcp#x", false),
            ("https://mcp.example.com", false),
            ("https://xn--mcp-example.com/mcp", false),
            ("mcp.example.com/mcp", false),
            ("", false),
        ] {
            assert_eq!(resource.is(audience), same, "{audience}");
        }
        let root = Resource::parse("https://mcp.example.com").expect("a URL");
        assert!(root.is("https://mcp.example.com/") && root.is("https://mcp.example.com"));
        assert!(Resource::parse("ftp://mcp.example.com").is_err() && Resource::parse("https:///mcp").is_err());
    }

    #[test]
    fn tokens_of_another_resource_are_taken_one_way() {
        let mcp = Resource::parse("https://mcp.example.com/mcp").expect("a URL");
        let sse = Resource::parse("https://mcp.example.com/sse").expect("a URL").or(&mcp);
        for (audience, at_mcp, at_sse) in [
            ("https://mcp.example.com/mcp", true, true),
            ("https://MCP.example.com/mcp/", true, true),
            ("https://mcp.example.com/sse", false, true),
            ("https://mcp.example.com", false, false),
            ("https://mcp.example.com/sse-other", false, false),
        ] {
            assert_eq!((mcp.is(audience), sse.is(audience)), (at_mcp, at_sse), "{audience}");
        }
    }
}
