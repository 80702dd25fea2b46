//! A clock that stands until a test moves it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_parity::auth::Clock;

/// 2026-01-15T12:00:00Z, in seconds since 1970.
const START: u64 = 1_768_478_400;

/// A time that only a test changes. Clones show and move the same time.
///
/// It is not tokio's clock: timers of the runtime keep running in real time.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<SystemTime>>);

impl VirtualClock {
    /// A clock that shows 2026-01-15T12:00:00Z.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(START))))
    }

    /// The time it shows.
    pub fn now(&self) -> SystemTime {
        *self.time()
    }

    /// The time it shows, in seconds since 1970.
    pub fn unix_seconds(&self) -> u64 {
        self.clock().unix_seconds()
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        *self.time() += by;
    }

    /// Sets it, backwards as well.
    pub fn set(&self, time: SystemTime) {
        *self.time() = time;
    }

    /// The same time, as servers read it.
    pub fn clock(&self) -> Clock {
        let read = self.clone();
        Clock::new(move || read.now())
    }

    fn time(&self) -> MutexGuard<'_, SystemTime> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reads_the_clock_sees_it_move() {
        let hand = VirtualClock::new();
        let (clock, other) = (hand.clock(), hand.clone());
        assert_eq!(httpdate::fmt_http_date(clock.now()), "Thu, 15 Jan 2026 12:00:00 GMT");
        other.advance(Duration::from_secs(90));
        assert_eq!((clock.unix_seconds(), hand.unix_seconds()), (START + 90, START + 90));
        hand.set(UNIX_EPOCH);
        assert_eq!((clock.unix_seconds(), other.now()), (0, UNIX_EPOCH));
    }
}
