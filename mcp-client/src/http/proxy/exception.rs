//! What is reached without a proxy.

use std::net::IpAddr;

/// An entry of `NO_PROXY`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception {
    hosts: Hosts,
    /// Whatever port, if none is named.
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Eq)]
enum Hosts {
    All,
    Network(IpAddr, u8),
    /// A name, and all below it.
    Domain(String),
}

impl Exception {
    /// Reads an entry; `None` when there is nothing in it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        // An address of version 6 has colons of its own.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (&*text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (address, bits) = host.split_once('/').map_or((host, None), |(address, bits)| (address, Some(bits)));
        let hosts = match (address.parse::<IpAddr>(), bits) {
            (Ok(address), None) => Hosts::Network(address, 128),
            (Ok(address), Some(bits)) => Hosts::Network(address, bits.parse().ok()?),
            (Err(_), _) if host == "*" => Hosts::All,
            (Err(_), _) => Hosts::Domain(host.trim_start_matches('*').trim_matches('.').to_owned()).named()?,
        };
        Some(Self { hosts, port })
    }

    /// Whether it holds for a host, as a URL names it, at a port.
    pub(super) fn holds_for(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
            && match &self.hosts {
                Hosts::All => true,
                Hosts::Network(network, bits) => host.parse().is_ok_and(|address| is_within(address, *network, *bits)),
                Hosts::Domain(domain) => {
                    let host = host.trim_end_matches('.').to_ascii_lowercase();
                    host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                }
            }
    }
}

impl Hosts {
    fn named(self) -> Option<Self> {
        if self == Self::Domain(String::new()) { None } else { Some(self) }
    }
}

/// Whether a host, as a URL names it, is this machine.
pub(super) fn is_this_machine(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(address) => address.is_loopback() || address.is_unspecified(),
        Err(_) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address.to_canonical(), network.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (u32::from(address) ^ u32::from(network)).leading_zeros() >= u32::from(bits.min(32)),
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            (u128::from(address) ^ u128::from(network)).leading_zeros() >= u32::from(bits.min(128))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_excepted_by_name_network_and_port() {
        for (entry, host, port, holds) in [
            ("example.com", "example.com", 443, true),
            ("example.com", "MCP.Example.com.", 443, true),
            ("example.com", "notexample.com", 443, false),
            (".example.com", "example.com", 443, true),
            ("*.example.com", "mcp.example.com", 443, true),
            ("example.com:8080", "example.com", 8080, true),
            ("example.com:8080", "example.com", 443, false),
            ("10.0.0.0/8", "10.1.2.3", 80, true),
            ("10.0.0.0/8", "11.1.2.3", 80, false),
            ("10.1.2.3", "10.1.2.3", 80, true),
            ("10.1.2.3:81", "10.1.2.3", 80, false),
            ("fd00::/8", "fd12::1", 80, true),
            ("[fd00::1]:80", "fd00::1", 80, true),
            ("fd00::1", "fd00::2", 80, false),
            ("0.0.0.0/0", "fd00::1", 80, false),
            ("*", "anything.example", 80, true),
        ] {
            let entry = Exception::parse(entry).unwrap_or_else(|| panic!("{entry}"));
            assert_eq!(entry.holds_for(host, port), holds, "{entry:?} {host}:{port}");
        }
        for nothing in ["", " ", ".", "example.com:port", "10.0.0.0/x"] {
            assert_eq!(Exception::parse(nothing), None, "{nothing}");
        }
    }
}
