//! Which URLs belong together, and which are safe from others on the network.

use url::{Host, Url};

/// Whether a URL is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether browsers treat a URL as they treat HTTPS (W3C Secure Contexts, section 3.1).
pub(super) fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// Whether two URLs share scheme and registrable domain (HTML Standard, section 7.1.1.1). Ports do not count.
///
/// Without a list of public suffixes, the last two labels of a name are taken for its registrable domain.
pub(super) fn same_site(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme() && matches!((registrable(one), registrable(other)), (Some(one), Some(other)) if one == other)
}

fn registrable(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => {
            let labels: Vec<&str> = name.rsplit('.').take(2).collect();
            Some(labels.into_iter().rev().collect::<Vec<_>>().join("."))
        }
        address => Some(address.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_schemes_and_domains() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        for (one, other, same) in [
            ("http://localhost:1/", "http://localhost:2/", true),
            ("http://localhost:1/", "http://127.0.0.1:1/", false),
            ("http://127.0.0.1/", "http://127.0.0.2/", false),
            ("https://a.example.com/", "https://b.example.com:8443/", true),
            ("https://example.com/", "http://example.com/", false),
            ("https://example.com/", "https://example.org/", false),
            ("cursor://x", "cursor:y", false),
        ] {
            assert_eq!(same_site(&url(one), &url(other)), same, "{one} {other}");
        }
        for (text, safe) in [
            ("http://localhost/", true),
            ("http://a.localhost/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("https://example.com/", true),
            ("http://example.com/", false),
            ("http://notlocalhost/", false),
            ("ftp://localhost/", false),
        ] {
            assert_eq!(is_trustworthy(&url(text)), safe, "{text}");
        }
    }
}
