//! What the core needs of an async runtime, and nothing more.

use std::time::{Duration, SystemTime};

use crate::call::BoxFuture;

/// Time, tasks and threads, provided by whoever embeds the core.
///
/// The facade provides tokio's; tests provide a clock they turn by hand.
pub trait Runtime: Send + Sync + 'static {
    /// Completes after `time`.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// Runs a future to its end in the background.
    fn spawn(&self, task: BoxFuture<'static, ()>);

    /// Runs a function on a thread where it may block.
    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>);

    /// The time of day.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Seconds since 1970.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// A time as RFC 3339 has it, to the second, in UTC.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    format!("{}Z", to_the_second(time))
}

/// A time in UTC with milliseconds (RFC 3339, section 5.6). What is before 1970 is written as its first moment.
pub fn rfc3339_millis(time: SystemTime) -> String {
    let millis = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.subsec_millis());
    format!("{}.{millis:03}Z", to_the_second(time))
}

fn to_the_second(time: SystemTime) -> String {
    let seconds = unix_seconds(time);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a civil date, after Howard Hinnant's `civil_from_days`: years begin in March, so that the
    // leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_226_645, "2026-11-21T02:04:05Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn times_are_civil_dates_with_milliseconds() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_795_226_645_120, "2026-11-21T02:04:05.120Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339_millis(SystemTime::UNIX_EPOCH + Duration::from_millis(millis)), text);
        }
        assert_eq!(rfc3339_millis(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00.000Z");
    }
}
