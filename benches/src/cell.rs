//! One cell of the table: a transport, how much is in flight, a workload and a revision.

use std::fmt;

use crate::{
    Error, Result,
    contender::Contender,
    driver_http, driver_stdio,
    process::Server,
    sampling::{Plan, Sample},
    stats::percentile,
    workload::{Revision, WORKLOADS, Workload},
};

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Lines over pipes.
    Stdio,
    /// POST requests over keep-alive connections.
    Http,
}

impl Transport {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Stdio, Self::Http];

    /// How many requests are kept in flight: over stdio in one pipe, over HTTP one per connection.
    #[must_use]
    pub fn widths(self) -> &'static [usize] {
        match self {
            Self::Stdio => &[1, 32],
            Self::Http => &[1, 16, 64],
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        })
    }
}

/// What is measured of every server.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// How the server is spoken to.
    pub transport: Transport,
    /// How many requests are in flight.
    pub width: usize,
    /// What is asked.
    pub workload: Workload,
    /// In which revision.
    pub revision: Revision,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, width, workload, revision } = self;
        write!(f, "{transport}/{width}/{}/{}", workload.name, revision.as_str())
    }
}

/// What one measurement found, in the units of the table.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Figures {
    /// Answers per second.
    pub per_second: f64,
    /// Median time to an answer.
    pub p50_us: f64,
    /// The time that one answer in a hundred exceeds.
    pub p99_us: f64,
    /// The server's processor time per answer.
    pub cpu_us: f64,
    /// The driver's processor time per answer.
    pub driver_us: f64,
    /// The server's peak memory.
    pub peak_kib: f64,
    /// The length of one answer, without framing.
    pub answer_bytes: f64,
}

impl Cell {
    /// Every cell, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        Transport::ALL.into_iter().flat_map(|transport| {
            transport.widths().iter().flat_map(move |&width| {
                WORKLOADS
                    .into_iter()
                    .flat_map(move |workload| Revision::ALL.into_iter().map(move |revision| Self { transport, width, workload, revision }))
            })
        })
    }

    /// Measures one server once, in a process of its own.
    ///
    /// # Errors
    /// [`Error::At`] with the cell, the server and its stderr.
    pub fn measure(&self, contender: &Contender, plan: Plan) -> Result<Figures> {
        let Self { transport, width, ref workload, revision } = *self;
        let plan = Plan { at_least: plan.at_least.max(2 * width), ..plan };
        let at = |source, server: Option<&Server>| Error::At {
            place: format!("{self}, {}", contender.name),
            source: Box::new(source),
            stderr: server.map(Server::stderr).unwrap_or_default(),
        };
        let (server, sample) = match transport {
            Transport::Stdio => {
                let (server, pipes) = Server::stdio(&contender.stdio, workload.tools).map_err(|e| at(e, None))?;
                let sample = driver_stdio::load(&server, pipes, workload, revision, width, plan);
                (server, sample)
            }
            Transport::Http => {
                let (server, address) = Server::http(&contender.http, workload.tools).map_err(|e| at(e, None))?;
                let sample = driver_http::load(&server, address, workload, revision, width, plan);
                (server, sample)
            }
        };
        let figures = sample.and_then(|(sample, bytes)| Figures::of(sample, bytes));
        figures.map_err(|source| at(source, Some(&server)))
    }
}

impl Figures {
    fn of(mut sample: Sample, answer_bytes: usize) -> Result<Self> {
        let answers = sample.latencies.len() as f64;
        if sample.latencies.is_empty() {
            return Err(Error::Silent("no answer came in time".into()));
        }
        sample.latencies.sort_unstable();
        let microseconds = |nanoseconds: u64| nanoseconds as f64 / 1e3;
        Ok(Self {
            per_second: answers / sample.elapsed.as_secs_f64(),
            p50_us: microseconds(percentile(&sample.latencies, 0.5)),
            p99_us: microseconds(percentile(&sample.latencies, 0.99)),
            cpu_us: sample.cpu.as_secs_f64() * 1e6 / answers,
            driver_us: sample.driver_cpu.as_secs_f64() * 1e6 / answers,
            peak_kib: sample.peak_kib as f64,
            answer_bytes: answer_bytes as f64,
        })
    }

    /// The median of each figure over several rounds.
    #[must_use]
    pub fn median(rounds: &[Self]) -> Self {
        let median = |of: fn(&Self) -> f64| crate::stats::median(rounds.iter().map(of).collect());
        Self {
            per_second: median(|figures| figures.per_second),
            p50_us: median(|figures| figures.p50_us),
            p99_us: median(|figures| figures.p99_us),
            cpu_us: median(|figures| figures.cpu_us),
            driver_us: median(|figures| figures.driver_us),
            peak_kib: median(|figures| figures.peak_kib),
            answer_bytes: median(|figures| figures.answer_bytes),
        }
    }
}
