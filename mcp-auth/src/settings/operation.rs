//! The `[limits]` and `[audit]` parts.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;

use super::values::path;
use crate::{Clock, Rate, RateLimits, TrustedProxies};

/// How often callers may ask.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "LimitTable")]
#[non_exhaustive]
pub struct LimitSettings {
    /// Each principal.
    pub per_principal: Option<Rate>,
    /// Each OAuth client.
    pub per_client: Option<Rate>,
    /// Each address.
    pub per_address: Option<Rate>,
    /// Whose word on a caller's address is believed.
    pub trusted_proxies: TrustedProxies,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LimitTable {
    per_principal: Option<Rate>,
    per_client: Option<Rate>,
    per_address: Option<Rate>,
    /// Of all of them.
    burst: Option<NonZeroU32>,
    trusted_proxies: TrustedProxies,
}

impl From<LimitTable> for LimitSettings {
    fn from(table: LimitTable) -> Self {
        let with_burst = |rate: Option<Rate>| rate.map(|rate| table.burst.map_or(rate, |burst| rate.with_burst(burst.get())));
        Self {
            per_principal: with_burst(table.per_principal),
            per_client: with_burst(table.per_client),
            per_address: with_burst(table.per_address),
            trusted_proxies: table.trusted_proxies,
        }
    }
}

impl LimitSettings {
    /// The limits, if there are any.
    pub fn limits(&self, clock: Clock) -> Option<RateLimits> {
        let Self { per_principal, per_client, per_address, .. } = self;
        per_principal.or(*per_client).or(*per_address)?;
        let mut limits = RateLimits::new(clock);
        if let Some(rate) = per_principal {
            limits = limits.per_principal(*rate);
        }
        if let Some(rate) = per_client {
            limits = limits.per_client(*rate);
        }
        if let Some(rate) = per_address {
            limits = limits.per_address(*rate);
        }
        Some(limits)
    }
}

/// Where decisions are recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AuditSettings {
    /// The file, from the working directory if it is not absolute.
    #[serde(deserialize_with = "path")]
    pub file: PathBuf,
}
