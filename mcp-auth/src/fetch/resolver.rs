//! Names to addresses, of which only those that may be asked are kept.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::names::LookUp;
use super::policy::{FetchPolicy, NOT_GLOBAL};

/// Resolves names and keeps the addresses that may be asked.
///
/// The connection is made to exactly these, so a name that answers differently the second time gains nothing.
pub(super) struct Resolver {
    pub(super) policy: Arc<FetchPolicy>,
    pub(super) names: Arc<dyn LookUp>,
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
        let (policy, names, plain) = (Arc::clone(&self.policy), Arc::clone(&self.names), self.plain);
        Box::pin(async move {
            let found = names.look_up(name.as_str()).await?;
            let addresses = admitted(&policy, plain, found)?;
            // The port is that of the URL.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// The addresses that may be asked.
fn admitted(policy: &FetchPolicy, plain: bool, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, NoAddress> {
    addresses.retain(|address| policy.admits(*address, plain));
    if addresses.is_empty() { Err(NoAddress) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_may_not_be_asked_are_dropped() {
        let found = ["10.0.0.1", "1.1.1.1", "127.0.0.1", "::1", "2606:4700::1111"].map(|text| text.parse().expect("an address"));
        let kept = admitted(&FetchPolicy::default(), false, found.to_vec()).expect("two are global");
        assert_eq!(kept, [found[1], found[4]]);
        assert!(admitted(&FetchPolicy::default(), false, found[2..4].to_vec()).is_err());
        let development = FetchPolicy { allow_loopback_http: true, ..FetchPolicy::default() };
        assert_eq!(admitted(&development, true, found.to_vec()).expect("two are this machine"), [found[2], found[3]]);
    }
}
