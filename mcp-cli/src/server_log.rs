//! What a server that was started says on its standard error.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, PipeReader, PipeWriter, Read as _, Write as _};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mcp_parity::stdio::StandardError;
use mcp_relay::Options;
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::target::Target;
use crate::terminal::{note, plain};

/// How many lines are kept.
const LINES: usize = 20;
/// The most that is read of a line, in bytes.
const LINE: u64 = 4_096;

/// For how long to wait for what a server says last. A process that it has left behind may keep its standard error.
const PATIENCE: Duration = Duration::from_millis(500);

/// The last lines of a server's standard error, for when it fails; all of them at once with `--debug`, and where it is relayed.
pub(crate) struct ServerLog {
    writer: PipeWriter,
    last: Arc<Mutex<VecDeque<String>>>,
    done: oneshot::Receiver<()>,
}

impl ServerLog {
    /// Starts to read. The thread that does ends with the last process that can write.
    ///
    /// # Errors
    /// When the operating system has no pipes left.
    pub(crate) fn new(show: bool) -> Result<Self, Failure> {
        let (reader, writer) = io::pipe()?;
        let last: Arc<Mutex<VecDeque<String>>> = Arc::default();
        let kept = Arc::clone(&last);
        let (ends, done) = oneshot::channel();
        std::thread::Builder::new().name("server-log".to_owned()).spawn(move || {
            read(reader, show, &kept);
            // Nobody need wait for it.
            let _ = ends.send(());
        })?;
        Ok(Self { writer, last, done })
    }

    /// All that a server says, if one is to be started for a relay.
    ///
    /// # Errors
    /// When the operating system has no pipes left.
    pub(crate) fn of(target: &Target, options: &mut Options) -> Result<Option<Self>, Failure> {
        if matches!(target, Target::Url { .. }) {
            return Ok(None);
        }
        let log = Self::new(true)?;
        let writer = log.writer.try_clone()?;
        options.server_log(move || writer.try_clone().map(Into::into));
        Ok(Some(log))
    }

    /// Waits until what was said is shown, when the server has ended.
    pub(crate) async fn end(self) {
        drop(self.writer);
        let _ = tokio::time::timeout(PATIENCE, self.done).await;
    }

    /// Where a server has to write.
    ///
    /// # Errors
    /// When the operating system has no file descriptors left.
    pub(crate) fn writer(&self) -> io::Result<Stdio> {
        self.writer.try_clone().map(Into::into)
    }

    /// Shows what was kept, when the server has ended.
    pub(crate) async fn show(self) {
        let last = Arc::clone(&self.last);
        self.end().await;
        for line in last.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            note(&format!("server: {line}"));
        }
    }
}

fn read(reader: PipeReader, show: bool, last: &Mutex<VecDeque<String>>) {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if show {
            // The server goes on when nobody reads what it says.
            let _ = StandardError::new().write_all(format!("server: {}\n", plain(&text)).as_bytes());
            continue;
        }
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == LINES {
            last.pop_front();
        }
        last.push_back(text);
    }
}
