//! The ways into a server that is tested from outside.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_trait::async_trait;

use crate::compose::Outgoing;
use crate::wire::{Client, Event, Lines, Site, Streamable, Wire};

/// How long a server may take to end when its input is closed.
const FAREWELL: Duration = Duration::from_secs(1);

/// One way into a server.
#[derive(Clone)]
pub struct Face {
    /// What reports call it.
    pub label: String,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Command { program: OsString, arguments: Vec<OsString>, environment: Vec<(String, String)> },
    Http { endpoint: Endpoint, wire: Wire },
}

/// Where a server listens.
#[derive(Clone)]
pub struct Endpoint {
    /// Its address.
    pub address: SocketAddr,
    /// What goes into `Host`.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// What is sent with every request, as a token.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for Endpoint {
    /// Leaves out the headers, which may hold a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.host).field("path", &self.path).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Face {
    /// A command that serves its standard streams; started for each conversation.
    pub fn command<A: Into<OsString>>(program: impl Into<OsString>, arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { label: "stdio".to_owned(), way: Way::Command { program: program.into(), arguments, environment: Vec::new() } }
    }

    /// The same with more in its environment; nothing for a server that is not started.
    #[must_use]
    pub fn environment(mut self, variables: Vec<(String, String)>) -> Self {
        if let Way::Command { environment, .. } = &mut self.way {
            *environment = variables;
        }
        self
    }

    /// The same by another name.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// An endpoint of Streamable HTTP, by a client that takes what the specification says it must.
    pub fn http(endpoint: Endpoint) -> Self {
        Self::over(endpoint, Wire::Http)
    }

    /// The same by a client that takes JSON only.
    pub fn http_json(endpoint: Endpoint) -> Self {
        Self::over(endpoint, Wire::HttpJson)
    }

    /// The same by a client that takes event streams only.
    pub fn http_events(endpoint: Endpoint) -> Self {
        Self::over(endpoint, Wire::HttpEvents)
    }

    fn over(endpoint: Endpoint, wire: Wire) -> Self {
        Self { label: wire.name().to_owned(), way: Way::Http { endpoint, wire } }
    }

    pub(super) fn wire(&self) -> Wire {
        match &self.way {
            Way::Command { .. } => Wire::Stdio,
            Way::Http { wire, .. } => *wire,
        }
    }

    /// Opens a client.
    ///
    /// # Errors
    /// Says why the server cannot be started.
    pub(super) fn open(&self) -> Result<Box<dyn Client>, String> {
        match &self.way {
            Way::Command { program, arguments, environment } => {
                let mut command = Command::new(program);
                command.args(arguments).envs(environment.iter().map(|(name, value)| (name, value)));
                Process::start(command).map(|process| Box::new(process) as Box<dyn Client>)
            }
            Way::Http { endpoint, wire } => {
                let accept = match wire {
                    Wire::HttpJson => "application/json",
                    Wire::HttpEvents => "text/event-stream",
                    _ => "application/json, text/event-stream",
                };
                let mut headers = endpoint.headers.clone();
                headers.push(("Host".to_owned(), endpoint.host.clone()));
                let identify = Box::new(move |_| headers.clone());
                Ok(Box::new(Streamable::at(
                    Site { address: endpoint.address, path: endpoint.path.clone(), identify, server: None },
                    accept,
                )))
            }
        }
    }
}

/// A server that was started.
struct Process {
    child: Child,
    lines: Lines,
}

impl Process {
    fn start(mut command: Command) -> Result<Self, String> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = started.map_err(|error| format!("the server cannot be started: {error}"))?;
        match (child.stdout.take(), child.stdin.take()) {
            (Some(output), Some(input)) => Ok(Self { child, lines: Lines::over(output, input, None) }),
            _ => Err("the server has no standard streams".to_owned()),
        }
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

    /// Lets the server end by itself: what started it may be a script, and killing that would leave the server behind.
    async fn close(mut self: Box<Self>) {
        self.lines.end();
        let closed = async { while !matches!(self.lines.next().await, Event::Closed | Event::Broken(_)) {} };
        // The end of its output is the last that is heard of it; what does not end is killed.
        let _ = tokio::time::timeout(FAREWELL, closed).await;
    }
}
