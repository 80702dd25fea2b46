//! Callers of whom it is being found out who they are.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The most callers of one address who are looked at at the same time, where there are limits. Each may cost a question to an
/// issuer, and what it comes to is counted only when the issuer has answered.
const MAX: usize = 64;

/// How many callers of each address are being looked at.
#[derive(Default)]
pub(super) struct Strangers(Mutex<HashMap<IpAddr, usize>>);

/// A caller that is being looked at. It counts for its address until this is dropped.
#[must_use = "it counts until it is dropped"]
pub struct Stranger(Option<(Arc<super::Shared>, IpAddr)>);

impl std::fmt::Debug for Stranger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stranger")
    }
}

impl Stranger {
    /// A caller that does not count.
    pub(super) fn uncounted() -> Self {
        Self(None)
    }

    /// One more caller of an address; `None` if there are too many.
    pub(super) fn come(shared: &Arc<super::Shared>, address: IpAddr) -> Option<Self> {
        // Whoever has an IPv6 address has a network of them.
        let network = match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address => address,
        };
        let mut strangers = shared.strangers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = strangers.entry(network).or_default();
        if *count >= MAX {
            return None;
        }
        *count += 1;
        Some(Self(Some((Arc::clone(shared), network))))
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let Some((shared, network)) = &self.0 else { return };
        let mut strangers = shared.strangers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = strangers.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                strangers.remove(network);
            }
        }
    }
}
