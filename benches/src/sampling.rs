//! Keeps the time of one measurement: a warm-up that does not count, then a stretch that does.

use std::time::{Duration, Instant};

use crate::{
    Result,
    process::{CpuReading, Server},
};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Answers in this time are checked but not counted.
    pub warm_up: Duration,
    /// The stretch that counts.
    pub measure: Duration,
    /// Slow answers extend the stretch until there are this many, up to ten times its length.
    pub at_least: usize,
}

/// What a measurement saw.
#[derive(Debug)]
pub struct Sample {
    /// How long the counted stretch took.
    pub elapsed: Duration,
    /// The server's processor time in it.
    pub cpu: Duration,
    /// The driver's own processor time in it, which shows whether the driver was the bottleneck.
    pub driver_cpu: Duration,
    /// The server's peak memory so far.
    pub peak_kib: u64,
    /// From sending a request to having its answer, in nanoseconds, one per answer.
    pub latencies: Vec<u64>,
}

/// Collects a [`Sample`] while a driver reports answers.
#[derive(Debug)]
pub struct Stopwatch<'a> {
    plan: Plan,
    server: &'a Server,
    begun: Instant,
    counting: Option<Counting>,
    latencies: Vec<u64>,
}

#[derive(Debug)]
struct Counting {
    since: Instant,
    cpu: CpuReading,
    driver_cpu: CpuReading,
}

impl<'a> Stopwatch<'a> {
    /// Begins the warm-up.
    #[must_use]
    pub fn start(plan: Plan, server: &'a Server) -> Self {
        let latencies = Vec::with_capacity(1 << 16);
        Self { plan, server, begun: Instant::now(), counting: None, latencies }
    }

    /// Counts an answer that arrived at `now` to a request sent at `sent`.
    pub fn answered(&mut self, sent: Instant, now: Instant) {
        if self.counting.is_some() {
            let latency = now.saturating_duration_since(sent).as_nanos();
            self.latencies.push(u64::try_from(latency).unwrap_or(u64::MAX));
        }
    }

    /// Moves from the warm-up to the counted stretch, and returns the sample once that is over.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the server is gone.
    pub fn tick(&mut self, now: Instant) -> Result<Option<Sample>> {
        let Some(Counting { since, cpu, driver_cpu }) = &self.counting else {
            if now - self.begun >= self.plan.warm_up {
                let (cpu, driver_cpu) = (self.server.cpu()?, CpuReading::this_thread()?);
                self.counting = Some(Counting { since: Instant::now(), cpu, driver_cpu });
            }
            return Ok(None);
        };
        let elapsed = now.saturating_duration_since(*since);
        let enough = self.latencies.len() >= self.plan.at_least || elapsed >= self.plan.measure * 10;
        if elapsed < self.plan.measure || !enough {
            return Ok(None);
        }
        let (cpu, driver_cpu) = (self.server.cpu()?.since(cpu), CpuReading::this_thread()?.since(driver_cpu));
        let peak_kib = self.server.peak_memory_kib()?;
        let latencies = std::mem::take(&mut self.latencies);
        Ok(Some(Sample { elapsed, cpu, driver_cpu, peak_kib, latencies }))
    }
}
