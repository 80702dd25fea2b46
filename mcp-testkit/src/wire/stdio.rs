//! The stdio transport: in a child process, and over pipes within this one.

use std::process::{Command, Stdio};

use async_trait::async_trait;
use mcp_parity::stdio::{Options, serve};

use super::{Client, Event, HttpServer, Lines, Opening};
use crate::compose::Outgoing;

/// A child process that serves its standard streams.
pub(crate) struct Process {
    child: std::process::Child,
    lines: Lines,
    /// What it is connected to, if that ends with the client.
    _behind: Option<HttpServer>,
}

impl Process {
    pub(super) fn open(opening: &Opening<'_>) -> Option<Self> {
        let (command, mark) = opening.child.command(opening.caller, &opening.callers[opening.caller])?;
        Some(Self::start(command, mark, None))
    }

    /// Starts a command. Lines of its output before one that equals `mark` are dropped.
    pub(crate) fn start(mut command: Command, mark: Option<String>, behind: Option<HttpServer>) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        let output = child.stdout.take().expect("the output was asked for above");
        let input = child.stdin.take().expect("the input was asked for above");
        Self { child, lines: Lines::over(output, input, mark), _behind: behind }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail for a child that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[async_trait]
impl Client for Process {
    async fn send(&mut self, _exchange: usize, message: &Outgoing) {
        self.lines.send(message.bytes.clone());
    }

    async fn next(&mut self) -> Event {
        self.lines.next().await
    }

    async fn close(self: Box<Self>) {}
}

/// The stdio transport over pipes.
pub(super) struct Pipes {
    lines: Lines,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Pipes {
    pub(super) fn open(opening: &Opening<'_>) -> Self {
        let (server_input, to_server) = std::io::pipe().expect("pipes can be had");
        let (from_server, server_output) = std::io::pipe().expect("pipes can be had");
        let principal = opening.callers[opening.caller].principal().clone();
        let options = Options { principal, ..Options::default() };
        let serving = serve((opening.dispatcher)(), options, server_input, server_output, std::future::pending());
        Self { lines: Lines::over(from_server, to_server, None), task: tokio::spawn(serving) }
    }
}

#[async_trait]
impl Client for Pipes {
    async fn send(&mut self, _exchange: usize, message: &Outgoing) {
        self.lines.send(message.bytes.clone());
    }

    async fn next(&mut self) -> Event {
        self.lines.next().await
    }

    async fn close(mut self: Box<Self>) {
        self.lines.end();
        self.task.abort();
    }
}
