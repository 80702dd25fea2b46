//! Points in time, as stores keep them.

use std::ops::Add;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, UTC. Stores never ask for the time; they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The last time there is: what is later becomes this, so that every backend can keep it in a signed number of 64 bits.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// The time `millis` milliseconds after the start of 1970.
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::MAX.0 { Self::MAX } else { Self(millis) }
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

/// Times before 1970 become its start.
impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        Self(0) + time.duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// Whole milliseconds are added; the sum stops at [`Time::MAX`].
impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stop_at_both_ends() {
        assert_eq!(Time::from(UNIX_EPOCH - Duration::from_secs(1)), Time::from_millis(0));
        assert_eq!(Time::from(UNIX_EPOCH + Duration::from_micros(2_500)), Time::from_millis(2));
        assert_eq!(Time::from_millis(5) + Duration::from_secs(1), Time::from_millis(1_005));
        assert_eq!(Time::from_millis(5) + Duration::MAX, Time::MAX);
        assert_eq!(Time::from_millis(u64::MAX), Time::MAX);
    }
}
