//! Everything that is logged.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::loopback::lock;

/// Keeps what is logged through `tracing`, at every level, with all fields and spans. Clones keep the same.
#[derive(Clone, Debug, Default)]
pub struct LogCapture(Arc<Mutex<Vec<u8>>>);

impl LogCapture {
    /// A capture that nothing is logged to yet; see [`LogCapture::layer`].
    pub fn new() -> Self {
        Self::default()
    }

    /// What is logged in this process from now on, on any thread: one capture for all tests that run in it.
    ///
    /// # Panics
    /// When the process already has a global subscriber of its own; then add [`LogCapture::layer`] to that.
    pub fn global() -> Self {
        static GLOBAL: OnceLock<LogCapture> = OnceLock::new();
        let install = || {
            let capture = Self::new();
            tracing_subscriber::fmt().with_ansi(false).with_max_level(LevelFilter::TRACE).with_writer(capture.clone()).init();
            capture
        };
        GLOBAL.get_or_init(install).clone()
    }

    /// A layer for a subscriber, which logs to this.
    pub fn layer<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        fmt::layer().with_ansi(false).with_writer(self.clone()).with_filter(LevelFilter::TRACE)
    }

    /// What was logged so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.0)).into_owned()
    }
}

impl<'a> MakeWriter<'a> for LogCapture {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for LogCapture {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::Canary;

    #[test]
    fn what_is_logged_is_searched() {
        let log = LogCapture::new();
        let canary = Canary::with_log(log.clone());
        let (token, harmless) = (canary.secret("token"), "ann");
        let subscriber = tracing_subscriber::registry().with(log.layer());
        tracing::subscriber::with_default(subscriber, || tracing::debug!(user = harmless, "signed in"));
        assert!(log.text().contains("signed in") && canary.leaks().is_empty());
        canary.assert_clean();
        let global = LogCapture::global();
        let elsewhere = std::thread::spawn(move || tracing::trace!(token, "oops"));
        elsewhere.join().expect("it logs");
        assert!(canary.leaks().is_empty(), "another log was written to");
        assert_eq!(canary.check(&global.text())[0].form, "plain");
    }
}
