//! Names to addresses, of which only those that may be asked are kept.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::policy::{FetchPolicy, NOT_GLOBAL};

/// Resolves names and keeps the addresses that may be asked.
///
/// The connection is made to exactly these, so a name that answers differently the second time gains nothing.
pub(super) struct Resolver {
    pub(super) policy: Arc<FetchPolicy>,
    /// Whether the connection is one without TLS.
    pub(super) plain: bool,
}

/// A name has no address that may be asked.
#[derive(Debug)]
pub(super) struct NoAddress;

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NOT_GLOBAL)
    }
}

impl std::error::Error for NoAddress {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, plain) = (self.policy.clone(), self.plain);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses = admitted(&policy, plain, found)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The addresses that may be asked.
fn admitted(policy: &FetchPolicy, plain: bool, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NoAddress> {
    let addresses: Vec<SocketAddr> = found.filter(|address| policy.admits(address.ip(), plain)).collect();
    if addresses.is_empty() { Err(NoAddress) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_may_not_be_asked_are_dropped() {
        let found =
            ["10.0.0.1:0", "1.1.1.1:0", "127.0.0.1:0", "[::1]:0", "[2606:4700::1111]:0"].map(|text| text.parse().expect("an address"));
        let kept = admitted(&FetchPolicy::default(), false, found.into_iter()).expect("two are global");
        assert_eq!(kept, [found[1], found[4]]);
        assert!(admitted(&FetchPolicy::default(), false, found[2..4].iter().copied()).is_err());
        let development = FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() };
        assert_eq!(admitted(&development, true, found.into_iter()).expect("two are this machine"), [found[2], found[3]]);
    }
}
