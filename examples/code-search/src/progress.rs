//! Telling how far a search has come, and being told to stop.

use std::ops::ControlFlow;

use crate::error::TreeError;

/// How many reports a long search makes, give or take.
const REPORTS: usize = 50;

/// Bounds on the files between two reports: few enough to stop promptly, and
/// enough that a small tree is not all reports.
const FILES_BETWEEN: (usize, usize) = (16, 256);

/// Large files are reported sooner, so that stopping never waits for long.
const BYTES_BETWEEN: usize = 32 * 1024 * 1024;

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files searched so far; grows from one report to the next.
    pub done: u64,
    /// Files there are to search; never changes during a search.
    pub total: u64,
}

/// Reports at sensible intervals to a callback that may ask to stop.
pub(crate) struct Pace<'a> {
    report: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    total: usize,
    done: usize,
    files_since: usize,
    bytes_since: usize,
}

impl<'a> Pace<'a> {
    /// Starts with a report that nothing is done yet.
    pub(crate) fn start(total: usize, report: &'a mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Self, TreeError> {
        let mut pace = Self { report, total, done: 0, files_since: 0, bytes_since: 0 };
        pace.report()?;
        Ok(pace)
    }

    /// Counts one more file, and reports if it is time.
    pub(crate) fn file_done(&mut self, bytes: usize) -> Result<(), TreeError> {
        self.done += 1;
        self.files_since += 1;
        self.bytes_since += bytes;
        let (fewest, most) = FILES_BETWEEN;
        let is_time =
            self.files_since >= (self.total / REPORTS).clamp(fewest, most) || self.bytes_since >= BYTES_BETWEEN || self.done == self.total;
        if is_time { self.report() } else { Ok(()) }
    }

    fn report(&mut self) -> Result<(), TreeError> {
        (self.files_since, self.bytes_since) = (0, 0);
        let progress = Progress { done: self.done as u64, total: self.total as u64 };
        match (self.report)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(TreeError::Stopped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every report made for `total` files of `bytes` each.
    fn reports(total: usize, bytes: usize) -> Vec<u64> {
        let mut seen = Vec::new();
        let mut report = |progress: Progress| {
            assert_eq!(progress.total, total as u64);
            seen.push(progress.done);
            ControlFlow::Continue(())
        };
        let mut pace = Pace::start(total, &mut report).expect("it continues");
        for _ in 0..total {
            pace.file_done(bytes).expect("it continues");
        }
        seen
    }

    #[test]
    fn reports_grow_and_end_at_the_total() {
        assert_eq!(reports(0, 0), [0]);
        assert_eq!(reports(1, 0), [0, 1]);
        assert_eq!(reports(40, 0), [0, 16, 32, 40]);
        assert_eq!(reports(3, BYTES_BETWEEN), [0, 1, 2, 3]);
        assert_eq!(reports(5_000, 0).len(), 51);
        assert_eq!(reports(80_000, 0).len(), 314);
    }

    #[test]
    fn a_break_stops_at_the_next_report() {
        let mut asked = 0;
        let mut report = |_| {
            asked += 1;
            if asked == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut pace = Pace::start(100, &mut report).expect("it continues at first");
        let stopped_after = (1..=100).find(|_| pace.file_done(0).is_err());
        assert_eq!(stopped_after, Some(16));
    }
}
