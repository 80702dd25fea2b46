//! Whose word on a caller's address is believed.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::Deserialize;

use crate::settings::Net;

/// The proxies whose `X-Forwarded-For` is believed. Nobody's, if none is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<Net>")]
pub struct TrustedProxies {
    nets: Vec<IpNet>,
}

impl TrustedProxies {
    /// Whether `address` is a listed proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.nets.iter().any(|net| net.contains(&address))
    }

    /// The address a request came from: `peer`, or what listed proxies say of it.
    ///
    /// `X-Forwarded-For` is read from the right, because each proxy appends whom it heard from: listed proxies are
    /// passed over, and the first other address is the caller. What stands left of it anybody could have
    /// written. If what is read is malformed, the answer is `peer`.
    pub fn client_address(&self, peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
        let peer = peer.to_canonical();
        let Some(list) = forwarded_for.filter(|_| self.contains(peer)) else { return peer };
        let mut farthest = peer;
        for entry in list.rsplit(',') {
            let Some(address) = parse(entry.trim()) else { return peer };
            farthest = address;
            if !self.contains(address) {
                break;
            }
        }
        farthest
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(nets: I) -> Self {
        Self { nets: nets.into_iter().collect() }
    }
}

impl From<Vec<Net>> for TrustedProxies {
    fn from(nets: Vec<Net>) -> Self {
        nets.into_iter().map(IpNet::from).collect()
    }
}

/// An address, or an address and a port, which some proxies write.
fn parse(entry: &str) -> Option<IpAddr> {
    let address = entry.parse().or_else(|_| entry.parse::<SocketAddr>().map(|socket| socket.ip())).ok();
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_proxies_are_believed() {
        let nets = ["10.0.0.0/8", "2001:db8::/32"].map(|net| net.parse::<IpNet>().expect("a network"));
        let proxies: TrustedProxies = nets.into_iter().collect();
        for (peer, forwarded_for, client) in [
            ("10.0.0.1", None, "10.0.0.1"),
            ("10.0.0.1", Some("192.0.2.7"), "192.0.2.7"),
            ("::ffff:10.0.0.1", Some("192.0.2.7"), "192.0.2.7"),
            ("2001:db8::1", Some("2001:470::7"), "2001:470::7"),
            ("203.0.113.1", Some("192.0.2.7"), "203.0.113.1"),
            ("10.0.0.1", Some("198.51.100.9, 192.0.2.7"), "192.0.2.7"),
            ("10.0.0.1", Some("198.51.100.9, 192.0.2.7, 10.0.0.2"), "192.0.2.7"),
            ("10.0.0.1", Some("junk, 192.0.2.7 ,10.0.0.2"), "192.0.2.7"),
            ("10.0.0.1", Some("192.0.2.7, junk"), "10.0.0.1"),
            ("10.0.0.1", Some("192.0.2.7, junk, 10.0.0.2"), "10.0.0.1"),
            ("10.0.0.1", Some("192.0.2.7,"), "10.0.0.1"),
            ("10.0.0.1", Some(""), "10.0.0.1"),
            ("10.0.0.1", Some("unknown"), "10.0.0.1"),
            ("10.0.0.1", Some("10.0.0.3, 10.0.0.2"), "10.0.0.3"),
            ("10.0.0.1", Some("192.0.2.7:4711"), "192.0.2.7"),
            ("10.0.0.1", Some("[2001:470::7]:4711"), "2001:470::7"),
            ("10.0.0.1", Some("::ffff:192.0.2.7"), "192.0.2.7"),
            ("10.0.0.1", Some("::ffff:10.0.0.2"), "10.0.0.2"),
        ] {
            let [peer, client]: [IpAddr; 2] = [peer, client].map(|text| text.parse().expect("an address"));
            assert_eq!(proxies.client_address(peer, forwarded_for), client, "{peer} {forwarded_for:?}");
        }
        let peer = "192.0.2.1".parse().expect("an address");
        assert_eq!(TrustedProxies::default().client_address(peer, Some("192.0.2.7")), peer);
    }
}
