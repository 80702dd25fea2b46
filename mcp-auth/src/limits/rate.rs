//! A number of requests in a time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::settings::text;

/// A number of requests in a time, and how many of them may come at once.
///
/// Written as text: `60/min`; the units are `s`, `min`, `h` and `day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    per: Duration,
    burst: u32,
}

/// A text or numbers that are no rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRate;

impl fmt::Display for InvalidRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rate is a number from 1 and a unit, as `60/min`; the units are `s`, `min`, `h` and `day`")
    }
}

impl std::error::Error for InvalidRate {}

/// The longest time a rate may speak of.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Rate {
    /// `count` requests in each `per`, all of which may come at once.
    ///
    /// # Errors
    /// When `count` is zero, `per` is longer than a year, or they are more than a request per nanosecond.
    pub fn new(count: u32, per: Duration) -> Result<Self, InvalidRate> {
        let valid = count > 0 && per <= LONGEST && per.as_nanos() >= u128::from(count);
        if valid { Ok(Self { count, per, burst: count }) } else { Err(InvalidRate) }
    }

    /// Lets `burst` requests come at once; zero counts as one, because nothing could come else.
    #[must_use]
    pub fn with_burst(mut self, burst: u32) -> Self {
        self.burst = burst.max(1);
        self
    }

    /// How many requests.
    pub fn count(self) -> u32 {
        self.count
    }

    /// In which time.
    pub fn per(self) -> Duration {
        self.per
    }

    /// How many may come at once.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// From one request to the next in an even stream.
    pub(super) fn interval_nanos(self) -> u64 {
        u64::try_from(self.per.as_nanos()).unwrap_or(u64::MAX) / u64::from(self.count)
    }

    /// From an exhausted burst to a whole one. It is longer than the interval or as long.
    pub(super) fn refill_nanos(self) -> u64 {
        self.interval_nanos().saturating_mul(u64::from(self.burst))
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (count, unit) = text.split_once('/').ok_or(InvalidRate)?;
        let seconds = match unit.trim() {
            "s" | "sec" | "second" => 1,
            "m" | "min" | "minute" => 60,
            "h" | "hour" => 3_600,
            "d" | "day" => 86_400,
            _ => return Err(InvalidRate),
        };
        Self::new(count.trim().parse().map_err(|_| InvalidRate)?, Duration::from_secs(seconds))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a rate as `60/min`", str::parse)
    }
}
