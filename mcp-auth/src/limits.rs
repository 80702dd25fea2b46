//! How often callers may ask.

mod meter;
mod proxies;
mod rate;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use mcp_core::{Limit, Principal};

use meter::Meter;
pub use proxies::TrustedProxies;
pub use rate::{InvalidRate, Rate};

use crate::Clock;

/// Limits how often callers may ask, per principal, per client and per address, each if it is set.
///
/// A request is let in only if all limits that apply let it in, and is counted in none of them otherwise, so
/// that waiting as long as told is always enough. Anonymous callers have no principal of their own and are
/// limited by address alone; where the address is not known, as over standard input, nothing limits them.
/// An IPv6 address counts as its /64 network, because that is what one subscriber is given.
///
/// The limits are a generic cell rate algorithm (ITU-T I.371), written out here because it is four lines: a
/// key's one number is the time at which it will have its whole burst again.
pub struct RateLimits {
    clock: Clock,
    meters: Mutex<Meters>,
}

#[derive(Default)]
struct Meters {
    principal: Option<Meter>,
    client: Option<Meter>,
    address: Option<Meter>,
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateLimits")
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::new(Clock::default())
    }
}

impl RateLimits {
    /// Limits that are measured by `clock`; there are none yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, meters: Mutex::default() }
    }

    /// Limits each principal: one subject of one issuer, whichever client acts for it.
    #[must_use]
    pub fn per_principal(self, rate: Rate) -> Self {
        self.set(|meters| meters.principal = Some(Meter::new(rate)))
    }

    /// Limits each OAuth client of each issuer, whoever it acts for.
    #[must_use]
    pub fn per_client(self, rate: Rate) -> Self {
        self.set(|meters| meters.client = Some(Meter::new(rate)))
    }

    /// Limits each address.
    #[must_use]
    pub fn per_address(self, rate: Rate) -> Self {
        self.set(|meters| meters.address = Some(Meter::new(rate)))
    }

    fn now(&self) -> u64 {
        self.clock.now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }

    fn set(mut self, set: impl FnOnce(&mut Meters)) -> Self {
        set(self.meters.get_mut().unwrap_or_else(PoisonError::into_inner));
        self
    }
}

impl Limit for RateLimits {
    fn admit(&self, principal: &Principal, address: Option<IpAddr>) -> Result<(), Duration> {
        let now = self.now();
        let subject = principal.subject().map(|subject| (principal.issuer(), subject));
        let client = principal.client().map(|client| (principal.issuer(), client));
        let network = address.map(network);
        // One lock for all three: a request that one of them refuses must not be counted by another.
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let Meters { principal, client: per_client, address } = &mut *meters;
        let principal = principal.as_mut().zip(subject).map(|(meter, key)| meter.find(&key, now));
        let client = per_client.as_mut().zip(client).map(|(meter, key)| meter.find(&key, now));
        let address = address.as_mut().zip(network).map(|(meter, key)| meter.find(&key, now));
        let found = [principal, client, address];
        let wait = found.iter().flatten().map(|cell| cell.wait(now)).max().unwrap_or(0);
        if wait > 0 {
            return Err(Duration::from_nanos(wait));
        }
        found.into_iter().flatten().for_each(|cell| cell.count(now));
        Ok(())
    }

    fn wait(&self, address: IpAddr) -> Option<Duration> {
        let now = self.now();
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = meters.address.as_mut()?.find(&network(address), now).wait(now);
        (wait > 0).then(|| Duration::from_nanos(wait))
    }
}

/// What an address counts as.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}
