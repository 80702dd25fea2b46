//! How long calls take: a histogram of fixed size.

/// Steps for each doubling: a latency is told to about a fifth.
const STEPS: usize = 4;
const BUCKETS: usize = 64 * STEPS;

/// How long calls took.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    buckets: Box<[u64; BUCKETS]>,
    count: u64,
    most: u64,
}

impl Default for Latency {
    fn default() -> Self {
        Self { buckets: Box::new([0; BUCKETS]), count: 0, most: 0 }
    }
}

impl Latency {
    /// Takes one, in microseconds.
    pub(super) fn take(&mut self, micros: u64) {
        self.buckets[bucket(micros)] += 1;
        self.count += 1;
        self.most = self.most.max(micros);
    }

    /// The latency that this share of calls, in percent, does not exceed; in microseconds.
    pub(super) fn percentile(&self, percent: u64) -> u64 {
        let wanted = (self.count * percent).div_ceil(100);
        let mut seen = 0;
        for (number, count) in self.buckets.iter().enumerate() {
            seen += count;
            if *count > 0 && seen >= wanted {
                return upper(number).min(self.most);
            }
        }
        self.most
    }

    /// The median, the 95th percentile and the longest, for people.
    pub(super) fn shown(&self) -> [String; 3] {
        match self.count {
            0 => Default::default(),
            _ => [self.percentile(50), self.percentile(95), self.most].map(shown),
        }
    }
}

/// The bucket of a latency: its magnitude, and which quarter of that.
fn bucket(micros: u64) -> usize {
    let magnitude = micros.max(1).ilog2() as usize;
    let within = if magnitude < 2 { 0 } else { ((micros >> (magnitude - 2)) & 3) as usize };
    magnitude * STEPS + within
}

/// The longest latency of a bucket.
fn upper(number: usize) -> u64 {
    let (magnitude, within) = (number / STEPS, (number % STEPS) as u64);
    match magnitude {
        0 | 1 => (2_u64 << magnitude) - 1,
        _ => ((4 + within + 1) << (magnitude - 2)).wrapping_sub(1),
    }
}

/// A duration in microseconds, for people.
#[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn shown(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_is_in_a_bucket_that_is_not_much_longer() {
        for micros in (0..5_000).chain([123_456, 1 << 40, u64::MAX - 1, u64::MAX]) {
            let upper = upper(bucket(micros));
            assert!(upper >= micros && upper <= micros.saturating_add(micros / 4 + 3), "{micros} is in a bucket to {upper}");
        }
    }

    #[test]
    fn percentiles_are_close() {
        let mut latency = Latency::default();
        (1..=100).for_each(|micros| latency.take(micros * 1_000));
        assert!((50_000..63_000).contains(&latency.percentile(50)), "{}", latency.percentile(50));
        assert_eq!(latency.percentile(100), 100_000);
        assert_eq!(latency.shown()[2], "100.0 ms");
        assert_eq!(Latency::default().percentile(50), 0);
        assert_eq!([7, 1_500, 2_000_000].map(shown), ["7 µs", "1.5 ms", "2.0 s"]);
    }
}
