//! Everything that is logged in this process, at every level.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tracing_subscriber::filter::LevelFilter;

static WRITTEN: OnceLock<()> = OnceLock::new();
static TEXT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Writer;

impl Write for Writer {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        text().extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn text() -> MutexGuard<'static, Vec<u8>> {
    TEXT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to collect. One collection for all tests, because what a test causes may be logged on any thread.
pub(crate) fn collect() {
    WRITTEN.get_or_init(|| {
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(|| Writer).init();
    });
}

/// What was logged so far.
pub(crate) fn written() -> String {
    String::from_utf8_lossy(&text()).into_owned()
}
