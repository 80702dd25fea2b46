//! Running the project's own check command.

use std::{
    io,
    os::fd::OwnedFd,
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::{
    io::AsyncReadExt as _,
    net::unix::pipe,
    process::{Child, Command},
    time::{sleep_until, timeout_at},
};

use crate::{error::TreeError, quoted::Quoted, tree::SourceTree};

/// Most output kept; the end of it, where checks say what went wrong.
const MAX_OUTPUT_BYTES: usize = 64 * 1024;

/// How long output may still come after the command has ended, from something it
/// left running.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Longer timeouts are shortened to this.
const LONGEST: Duration = Duration::from_hours(24);

/// How a check went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckReport {
    /// Whether the command ended by itself and with status 0.
    pub passed: bool,
    /// Its exit status, if it ended by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether it was stopped because it took too long.
    pub timed_out: bool,
    /// How long it ran, in milliseconds.
    pub duration_ms: u64,
    /// The end of what it wrote, to either output, in the order it was written.
    pub output: String,
    /// Whether it wrote more than is shown here.
    pub truncated: bool,
}

/// Runs the operator's check command in the root of the tree.
///
/// `command` is a program and its arguments, passed on as they are. It must come
/// from the operator and never from a client: it runs with the rights of the
/// server. It has no input and a process group of its own, which is killed on
/// timeout.
///
/// Dropping the future kills the group as well, so a cancelled request leaves
/// nothing of it running. What the command leaves behind after it has ended by
/// itself is its own affair; the report does not wait for it.
///
/// # Errors
/// [`TreeError::NoCheck`] if `command` is empty and [`TreeError::CheckFailed`] if
/// it cannot be run. A check that fails is a report like any other.
pub async fn run_check(tree: &SourceTree, command: &[String], timeout: Duration) -> Result<CheckReport, TreeError> {
    let (program, arguments) = command.split_first().ok_or(TreeError::NoCheck)?;
    let failed = |source| TreeError::CheckFailed { program: Quoted::new(program), source };
    let started = Instant::now();
    let mut running = Running::start(tree, program, arguments).map_err(failed)?;
    let ended = running.wait(started + timeout.min(LONGEST)).await.map_err(failed)?;
    let duration = started.elapsed();
    let (output, truncated) = running.last_words().await;
    Ok(CheckReport {
        passed: ended.is_some_and(|status| status.success()),
        exit_code: ended.and_then(|status| status.code()),
        signal: ended.and_then(|status| status.signal()),
        timed_out: ended.is_none(),
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        output,
        truncated,
    })
}

/// A check that has been started, and is killed when this is dropped.
struct Running {
    child: Child,
    output: pipe::Receiver,
    tail: Tail,
}

impl Running {
    fn start(tree: &SourceTree, program: &str, arguments: &[String]) -> io::Result<Self> {
        // One pipe for both, so that errors stay between the lines they belong to.
        let (reader, writer) = io::pipe()?;
        let output = pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(tree.root())
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child, output, tail: Tail::default() })
    }

    /// Collects output until the command ends; none if it has to be killed.
    async fn wait(&mut self, deadline: Instant) -> io::Result<Option<ExitStatus>> {
        let mut chunk = [0; 8 * 1024];
        let mut open = true;
        loop {
            tokio::select! {
                read = self.output.read(&mut chunk), if open => match read {
                    Ok(0) | Err(_) => open = false,
                    Ok(length) => self.tail.push(&chunk[..length]),
                },
                status = self.child.wait() => return status.map(Some),
                () = sleep_until(deadline.into()) => {
                    self.kill_group();
                    return Ok(None);
                }
            }
        }
    }

    /// What is still in the pipe, after everything before it.
    async fn last_words(mut self) -> (String, bool) {
        let deadline = Instant::now() + LAST_WORDS;
        let mut chunk = [0; 8 * 1024];
        while let Ok(Ok(length @ 1..)) = timeout_at(deadline.into(), self.output.read(&mut chunk)).await {
            self.tail.push(&chunk[..length]);
        }
        std::mem::take(&mut self.tail).finish()
    }

    /// Kills the command and what it has started.
    ///
    /// Its id is known for as long as it has not been waited for, and until then
    /// no other process group can have that id.
    fn kill_group(&self) {
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended in the meantime, which is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// The end of a stream.
#[derive(Debug, Default)]
struct Tail {
    kept: Vec<u8>,
    truncated: bool,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
        // Twice what is shown, so that the beginning is seldom moved.
        if self.kept.len() > 2 * MAX_OUTPUT_BYTES {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        let excess = self.kept.len().saturating_sub(MAX_OUTPUT_BYTES);
        self.kept.drain(..excess);
        self.truncated |= excess > 0;
    }

    /// The text, from the start of a line if its beginning is missing.
    fn finish(mut self) -> (String, bool) {
        self.shorten();
        let mut shown = self.kept.as_slice();
        if self.truncated
            && let Some(line) = shown.iter().position(|byte| *byte == b'\n')
        {
            shown = &shown[line + 1..];
        }
        (String::from_utf8_lossy(shown).into_owned(), self.truncated)
    }
}

#[cfg(test)]
mod tests;
