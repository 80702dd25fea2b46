//! What a [`GuardedFetcher`](crate::GuardedFetcher) may ask, and for how long.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::{Host, Url};

use super::FetchError;
use super::address::{Reach, reach};

/// What a [`GuardedFetcher`](crate::GuardedFetcher) may ask, and for how long.
#[derive(Clone, Debug)]
pub struct FetchPolicy {
    /// Whether this machine may be asked, with `http` too: for development and tests.
    pub allow_loopback_http: bool,
    /// Blocks of private addresses in which issuers live: RFC 1918, RFC 6598 and RFC 4193. Blocks of
    /// other addresses that are not global have no effect here.
    pub allowed_private: Vec<IpNet>,
    /// The largest answer that is read, in bytes. 256 KiB unless set.
    pub max_body_bytes: usize,
    /// The time for a whole request, from the name to the last byte. 10 seconds unless set.
    pub timeout: Duration,
    /// The time for the connection, its TLS handshake included. 5 seconds unless set.
    pub connect_timeout: Duration,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self {
            allow_loopback_http: false,
            allowed_private: Vec::new(),
            max_body_bytes: 256 * 1_024,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

impl FetchPolicy {
    /// Whether a URL may be asked. A name still has to be resolved, and its addresses looked at.
    ///
    /// # Errors
    /// [`FetchError::Refused`] with what is wrong with it.
    pub(crate) fn check(&self, url: &Url) -> Result<(), FetchError> {
        let refuse = |why: &str| Err(FetchError::Refused(why.to_owned()));
        let plain = match url.scheme() {
            "https" => false,
            "http" if self.allow_loopback_http => true,
            _ => return refuse("the scheme is not https"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the URL names a user");
        }
        let address = match url.host() {
            None => return refuse("the URL names no host"),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        if self.admits(address, plain) { Ok(()) } else { refuse(NOT_GLOBAL) }
    }

    /// Whether a connection may be made to an address; `plain` if it is one without TLS.
    pub(crate) fn admits(&self, address: IpAddr, plain: bool) -> bool {
        match reach(address) {
            Reach::Global => !plain,
            Reach::Loopback => self.allow_loopback_http,
            Reach::Private => !plain && self.allowed_private.iter().any(|block| block.contains(&address.to_canonical())),
            Reach::Never => false,
        }
    }
}

/// Why an address is refused.
pub(super) const NOT_GLOBAL: &str = "the host has no address that may be asked";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(policy: &FetchPolicy, urls: &[(&str, bool)]) {
        for (url, allowed) in urls {
            let verdict = policy.check(&Url::parse(url).expect("a URL"));
            assert_eq!(verdict.is_ok(), *allowed, "{url}: {verdict:?}");
        }
    }

    #[test]
    fn only_https_to_global_addresses_is_allowed() {
        check(
            &FetchPolicy::default(),
            &[
                ("https://issuer.example/jwks", true),
                ("https://issuer.example:8443/jwks", true),
                ("https://1.1.1.1/", true),
                ("https://[2606:4700::1111]/", true),
                ("http://issuer.example/", false),
                ("http://127.0.0.1/", false),
                ("ftp://issuer.example/", false),
                ("file:///etc/passwd", false),
                ("data:text/plain,x", false),
                ("https://user@issuer.example/", false),
                ("https://:secret@issuer.example/", false),
                ("https://127.0.0.1/", false),
                ("https://2130706433/", false),
                ("https://0x7f.1/", false),
                ("https://0177.0.0.1/", false),
                ("https://127.1/", false),
                ("https://0/", false),
                ("https://①27.0.0.1/", false),
                ("https://[::1]/", false),
                ("https://[::ffff:7f00:1]/", false),
                ("https://[64:ff9b::a9fe:a9fe]/", false),
                ("https://169.254.169.254/latest/meta-data/", false),
                ("https://10.0.0.1/", false),
                ("https://[fd00::1]/", false),
            ],
        );
    }

    #[test]
    fn development_opens_this_machine_only() {
        check(
            &FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() },
            &[
                ("http://127.0.0.1:8080/", true),
                ("http://[::1]/", true),
                ("https://127.0.0.1/", true),
                ("https://1.1.1.1/", true),
                ("http://1.1.1.1/", false),
                ("http://10.0.0.1/", false),
                ("https://10.0.0.1/", false),
            ],
        );
    }

    #[test]
    fn an_operator_opens_private_blocks_and_nothing_else() {
        let everything = ["0.0.0.0/0", "::/0"].map(|block| block.parse().expect("a block"));
        let one = ["10.1.0.0/16"].map(|block| block.parse().expect("a block"));
        check(
            &FetchPolicy { allowed_private: one.to_vec(), ..FetchPolicy::default() },
            &[("https://10.1.2.3/", true), ("https://[::ffff:10.1.2.3]/", true), ("https://10.2.0.1/", false), ("http://10.1.2.3/", false)],
        );
        check(
            &FetchPolicy { allowed_private: everything.to_vec(), ..FetchPolicy::default() },
            &[
                ("https://192.168.0.1/", true),
                ("https://[fd00::1]/", true),
                ("https://169.254.169.254/", false),
                ("https://127.0.0.1/", false),
                ("https://[fe80::1]/", false),
                ("https://0.0.0.0/", false),
            ],
        );
    }
}
