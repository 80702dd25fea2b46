//! A server that the client launched.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// A server process. Dropping it kills it; [`Process::end`] lets it exit by itself.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Launches a server with its standard input and output connected to the client.
    ///
    /// # Errors
    /// When it cannot be launched.
    pub(crate) fn launch(mut command: Command) -> Result<(Self, ChildStdout, ChildStdin)> {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| Error::transport_from(format!("`{program}` cannot be launched"), error))?;
        let (Some(stdout), Some(stdin)) = (child.stdout.take(), child.stdin.take()) else {
            return Err(Error::transport(format!("`{program}` has no standard streams")));
        };
        Ok((Self(child), stdout, stdin))
    }

    /// Waits for the process to exit, asks it to, and at last kills it
    /// (2026-07-28, basic/transports/stdio, "Shutdown"). Its input must be closed already.
    pub(crate) async fn end(mut self, patience: Duration) {
        if timeout(patience, self.0.wait()).await.is_ok() {
            return;
        }
        tracing::debug!("the server did not exit when its input was closed");
        if self.terminate() && timeout(patience, self.0.wait()).await.is_ok() {
            return;
        }
        if let Err(error) = self.0.kill().await {
            tracing::warn!(%error, "the server could not be killed");
        }
    }

    #[cfg(unix)]
    fn terminate(&self) -> bool {
        let pid = self.0.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?));
        pid.is_some_and(|pid| rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_ok())
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self, reason = "there is no gentle signal here")]
    fn terminate(&self) -> bool {
        false
    }
}
