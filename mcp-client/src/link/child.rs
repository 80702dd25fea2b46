//! A server that the client launched.

use std::process::Stdio;
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group, test_kill_process_group};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result};

/// How often to look whether the last process of a group is gone.
const LOOK: Duration = Duration::from_millis(10);

/// A server process. Dropping it kills it; [`Process::end`] lets it exit by itself.
///
/// Where it leads a process group of its own, the group is meant: the server may be the child of a shell or another launcher.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Group,
}

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
        Ok((Self { group: Group::of(&child), child }, stdout, stdin))
    }

    /// Waits for the process to exit, asks it to, and at last kills it
    /// (2026-07-28, basic/transports/stdio, "Shutdown"). Its input must be closed already.
    pub(crate) async fn end(mut self, patience: Duration) {
        if timeout(patience, self.child.wait()).await.is_ok() && !self.group.has_members() {
            return;
        }
        tracing::debug!("the server did not exit when its input was closed");
        if self.group.terminate(&self.child) && timeout(patience, self.gone()).await.is_ok() {
            return;
        }
        self.group.kill();
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "the server could not be killed");
        }
    }

    /// Returns when nothing of it is left.
    async fn gone(&mut self) {
        // What cannot be waited for is not there.
        let _ = self.child.wait().await;
        while self.group.has_members() {
            sleep(LOOK).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The child itself is killed by tokio. One that was waited for has ended in good order.
        if self.child.id().is_some() {
            self.group.kill();
        }
    }
}

/// The process group that a server leads, if it leads one.
#[cfg(unix)]
#[derive(Debug)]
struct Group(Option<Pid>);

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        Self(pid(child).filter(|&pid| getpgid(Some(pid)) == Ok(pid)))
    }

    fn has_members(&self) -> bool {
        self.0.is_some_and(|group| test_kill_process_group(group).is_ok())
    }

    /// Asks all of it to exit, or the one process; whether anybody was asked.
    fn terminate(&self, child: &Child) -> bool {
        match self.0 {
            Some(group) => kill_process_group(group, Signal::TERM).is_ok(),
            None => pid(child).is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok()),
        }
    }

    fn kill(&self) {
        // One that has no members any more is what is wanted.
        let _ = self.0.map(|group| kill_process_group(group, Signal::KILL));
    }
}

#[cfg(unix)]
fn pid(child: &Child) -> Option<Pid> {
    Pid::from_raw(child.id()?.try_into().ok()?)
}

/// There are no groups here, and no gentle signal.
#[cfg(not(unix))]
#[derive(Debug)]
struct Group;

#[cfg(not(unix))]
#[allow(clippy::unused_self, reason = "groups are asked the same everywhere")]
impl Group {
    fn of(_: &Child) -> Self {
        Self
    }

    fn has_members(&self) -> bool {
        false
    }

    fn terminate(&self, _: &Child) -> bool {
        false
    }

    fn kill(&self) {}
}

#[cfg(all(test, unix))]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, BufReader};

    use super::*;

    /// Whether a process runs. One that has ended and that nobody asked about does not.
    fn runs(pid: Pid) -> bool {
        let ended = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok_and(|stat| stat.contains(") Z "));
        rustix::process::test_kill_process(pid).is_ok() && !ended
    }

    #[tokio::test]
    async fn a_server_behind_a_launcher_ends_with_it() {
        // The second one exits neither when its input ends nor when it is asked to.
        for trap in ["", "trap \"\" TERM; "] {
            let mut command = Command::new("sh");
            command.arg("-c").arg(format!("sh -c '{trap}echo $$; while :; do sleep 1; done'; true")).process_group(0);
            let (process, stdout, stdin) = Process::launch(command).expect("it starts");
            let line = BufReader::new(stdout).lines().next_line().await.expect("it writes").expect("a line");
            let server = Pid::from_raw(line.trim().parse().expect("a number")).expect("a process");
            drop(stdin);
            process.end(Duration::from_millis(200)).await;
            let mut left = 0;
            while runs(server) && left < 500 {
                left += 1;
                sleep(LOOK).await;
            }
            assert!(left < 500, "{trap}");
        }
    }
}
