//! Which URLs a server may lead a client to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::error::{OAuthError, Result};

/// From where a host can be reached. A server leads only to what can be reached from at least as far as itself: one on
/// the Internet must not have clients ask what only they can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// This machine.
    Machine,
    /// A private network, by its address.
    Network,
    /// Anywhere. A name counts as such.
    Anywhere,
}

impl Reach {
    pub(crate) fn of(url: &Url) -> Self {
        match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                if name == "localhost" || name.ends_with(".localhost") { Self::Machine } else { Self::Anywhere }
            }
            Some(Host::Ipv4(address)) => Self::of_address(address.into()),
            Some(Host::Ipv6(address)) => Self::of_address(address.into()),
            None => Self::Anywhere,
        }
    }

    fn of_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            address if address.is_loopback() || address.is_unspecified() => Self::Machine,
            IpAddr::V4(address) if is_private(address) => Self::Network,
            IpAddr::V6(address) if is_local(address) => Self::Network,
            _ => Self::Anywhere,
        }
    }

    /// Reads a URL to which a server of this reach leads.
    ///
    /// # Errors
    /// When it is not `https:`, save on this machine, or can be reached from less far than the server.
    pub(crate) fn check(self, url: &str) -> Result<Url> {
        let unfit = |why| OAuthError::UnfitUrl { url: url.chars().filter(|char| !char.is_control()).take(300).collect(), why };
        let parsed = Url::parse(url).map_err(|_| unfit("it is no URL"))?;
        let reach = Self::of(&parsed);
        if reach < self {
            return Err(unfit("a server elsewhere must not lead to this machine or a private network"));
        }
        match parsed.scheme() {
            "https" => {}
            "http" if reach == Self::Machine => {}
            _ => return Err(unfit("it has to be `https:`")),
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(unfit("it holds credentials"));
        }
        if parsed.host_str().is_none_or(str::is_empty) {
            return Err(unfit("it names no host"));
        }
        Ok(parsed)
    }
}

fn is_private(address: Ipv4Addr) -> bool {
    // 100.64.0.0/10 is shared address space (RFC 6598).
    let [first, second, ..] = address.octets();
    address.is_private() || address.is_link_local() || (first == 100 && (64..128).contains(&second)) || first == 0
}

fn is_local(address: Ipv6Addr) -> bool {
    address.is_unique_local() || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(url: &str) -> Reach {
        Reach::of(&Url::parse(url).expect("a URL"))
    }

    #[test]
    fn hosts_are_told_apart() {
        for (url, expected) in [
            ("http://localhost:1/", Reach::Machine),
            ("http://a.localhost./", Reach::Machine),
            ("http://127.8.0.1/", Reach::Machine),
            ("http://2130706433/", Reach::Machine),
            ("http://0x7f.1/", Reach::Machine),
            ("http://[::1]/", Reach::Machine),
            ("http://[::ffff:127.0.0.1]/", Reach::Machine),
            ("http://0.0.0.0/", Reach::Machine),
            ("https://10.0.0.1/", Reach::Network),
            ("https://169.254.169.254/", Reach::Network),
            ("https://[fd00::1]/", Reach::Network),
            ("https://100.64.0.1/", Reach::Network),
            ("https://localhost.evil.example/", Reach::Anywhere),
            ("https://1.1.1.1/", Reach::Anywhere),
        ] {
            assert_eq!(reach(url), expected, "{url}");
        }
    }

    #[test]
    fn servers_lead_only_to_what_is_at_least_as_public() {
        for (from, to, fits) in [
            (Reach::Machine, "http://localhost:8080/a", true),
            (Reach::Machine, "https://auth.example/", true),
            (Reach::Machine, "http://auth.example/", false),
            (Reach::Network, "https://10.0.0.1/", true),
            (Reach::Network, "http://10.0.0.1/", false),
            (Reach::Network, "http://127.0.0.1/", false),
            (Reach::Anywhere, "https://auth.example/", true),
            (Reach::Anywhere, "https://10.0.0.1/", false),
            (Reach::Anywhere, "https://169.254.169.254/latest", false),
            (Reach::Anywhere, "http://localhost/", false),
            (Reach::Machine, "javascript:alert(1)", false),
            (Reach::Machine, "file:///etc/passwd", false),
            (Reach::Machine, "https://a:b@auth.example/", false),
            (Reach::Machine, "not a url", false),
        ] {
            assert_eq!(from.check(to).is_ok(), fits, "{from:?} {to}");
        }
    }
}
