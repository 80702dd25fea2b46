//! The HTTP face of a server, started for the time of the test.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::faces::{resolve, split};
use crate::failure::Failure;

/// For how long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is tried. A server that listens does not tell.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that was started. It is killed when this is dropped.
pub(super) struct Started {
    child: Child,
}

impl Started {
    /// Starts a server and waits until it listens where the URL says.
    ///
    /// # Errors
    /// When it cannot be started, ends, or does not listen.
    pub(super) async fn listening(command: &str, url: &str) -> Result<Self, Failure> {
        if command.contains(['"', '\'', '\\']) {
            return Err(Failure::usage(
                "words of `--http-command` are separated by spaces and cannot be quoted; start the server yourself and give only `--url`",
            ));
        }
        let mut words = command.split_whitespace();
        let program = words.next().ok_or_else(|| Failure::usage("`--http-command` names no program"))?;
        let (host, _) = split(url)?;
        let address = resolve(&host).await?;
        if TcpStream::connect(address).await.is_ok() {
            return Err(Failure::usage(format!("something listens at {host} already, which is not what `--http-command` would start")));
        }
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failure::usage(format!("`{program}` cannot be started: {error}")))?;
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = child.try_wait()? {
                return Err(Failure::Here(format!("`{command}` ended before it listened at {host}: {status}")));
            }
            if begun.elapsed() > PATIENCE {
                return Err(Failure::Here(format!("`{command}` does not listen at {host}")));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Self { child })
    }

    /// Ends the server and waits until it is gone, so that its port is free for whoever comes next.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub(super) async fn end(mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }
}
