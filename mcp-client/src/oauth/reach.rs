//! Which URLs a server may lead a client to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::error::{OAuthError, Result};

/// From where a host can be reached. A server leads only to what can be reached from at least as far as itself: one on
/// the Internet must not have clients ask what only they can reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    /// This machine.
    #[default]
    Machine,
    /// A private network, by its address.
    Network,
    /// Anywhere. A name counts as such for as long as it is not known where it leads.
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

    pub(crate) fn of_address(address: IpAddr) -> Self {
        match embedded(address) {
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

/// The address that is reached in the end, of one of version 6 that stands for one of version 4: mapped (RFC 4291), translated (NAT64, RFC 6052)
/// or tunnelled (6to4, RFC 3056).
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address.to_canonical() else { return address.to_canonical() };
    let four = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match six.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => four(high, low),
        _ => IpAddr::V6(six),
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
            ("https://[64:ff9b::a00:1]/", Reach::Network),
            ("https://[2002:7f00:1::1]/", Reach::Machine),
            ("https://[2002:101:101::1]/", Reach::Anywhere),
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
