//! What stands in front of a server, such as a gateway or a bridge, and shall add nothing and lose nothing.

use std::any::Any;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use mcp_core::Revision;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::caller::token;
use crate::fixture::Fixture;
use crate::wire::{Client, HttpServer, Opening, Process, Site, Streamable, Wire};

/// A program in front of the server, which is one more wire. It is started for each conversation.
///
/// ```no_run
/// use std::process::Command;
///
/// use mcp_testkit::Front;
///
/// let bridge = Front::stdio("my bridge", |behind| {
///     let mut command = Command::new("my-bridge");
///     command.arg(behind.url()).env("TOKEN", behind.token());
///     Ok(command)
/// });
/// ```
pub struct Front {
    wire: Wire,
    start: Start,
    revisions: Vec<Revision>,
    exclusions: Vec<Exclusion>,
}

enum Start {
    Command(Box<Starts<Command>>),
    Listening(Box<Starts<Listening>>),
}

type Starts<T> = dyn Fn(&Behind<'_>) -> Result<T, &'static str> + Send + Sync;

/// Fixtures that read otherwise at a front, and why.
struct Exclusion {
    fixtures: Vec<String>,
    revisions: Vec<Revision>,
    reason: &'static str,
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("wire", &self.wire).field("revisions", &self.revisions).finish_non_exhaustive()
    }
}

/// Where a front listens that was started.
pub struct Listening {
    /// Its address.
    pub address: SocketAddr,
    /// The path of its endpoint.
    pub path: String,
    /// The headers by which it knows the caller at a place in the list.
    pub identify: Box<dyn Fn(usize) -> Vec<(String, String)> + Send + Sync>,
    /// What ends it when this is dropped.
    pub program: Box<dyn Any + Send>,
}

impl std::fmt::Debug for Listening {
    /// Leaves out the headers, which may hold a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening").field("address", &self.address).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Front {
    /// One that serves its standard streams. `command` starts it, or says for what reason it cannot be had in this conversation.
    pub fn stdio(name: &'static str, command: impl Fn(&Behind<'_>) -> Result<Command, &'static str> + Send + Sync + 'static) -> Self {
        Self::new(Wire::StdioFront(name), Start::Command(Box::new(command)))
    }

    /// One that serves Streamable HTTP. `start` starts it and waits until it listens, or says for what reason it cannot be had
    /// in this conversation.
    pub fn http(name: &'static str, start: impl Fn(&Behind<'_>) -> Result<Listening, &'static str> + Send + Sync + 'static) -> Self {
        Self::new(Wire::HttpFront(name), Start::Listening(Box::new(start)))
    }

    fn new(wire: Wire, start: Start) -> Self {
        Self { wire, start, revisions: Revision::ALL.to_vec(), exclusions: Vec::new() }
    }

    /// Only in some revisions.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(Revision) -> bool) -> Self {
        self.revisions.retain(|&revision| wanted(revision));
        self
    }

    /// Not for the fixtures of these names in some revisions, and why.
    #[must_use]
    pub fn except_in<N: Into<String>>(
        mut self,
        fixtures: impl IntoIterator<Item = N>,
        revisions: impl Fn(Revision) -> bool,
        reason: &'static str,
    ) -> Self {
        let revisions = Revision::ALL.into_iter().filter(|&revision| revisions(revision)).collect();
        self.exclusions.push(Exclusion { fixtures: fixtures.into_iter().map(Into::into).collect(), revisions, reason });
        self
    }

    /// The wire that it is.
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// The revisions in which it is tested.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// Why a fixture is not compared in a revision; `None` if it is.
    pub fn excluded(&self, fixture: &Fixture, revision: Revision) -> Option<&'static str> {
        let named = |exclusion: &&Exclusion| {
            exclusion.revisions.contains(&revision) && exclusion.fixtures.iter().any(|name| name == fixture.name())
        };
        fixture.excluded(self.wire, revision).or_else(|| self.exclusions.iter().find(named).map(|exclusion| exclusion.reason))
    }

    /// Starts it and opens a client.
    pub(crate) fn open(&self, opening: &Opening<'_>, fixture: &Fixture, revision: Revision) -> Result<Box<dyn Client>, &'static str> {
        let behind = Behind { opening, fixture, revision, server: Mutex::default() };
        // Starting a program waits for it.
        block_in_place(|| match &self.start {
            Start::Command(command) => {
                let command = command(&behind)?;
                Ok(Box::new(Process::start(command, None, behind.into_server())) as Box<dyn Client>)
            }
            Start::Listening(start) => {
                let Listening { address, path, identify, program } = start(&behind)?;
                let ends_with_client = Box::new((program, behind.into_server()));
                let site = Site { address, path, identify, server: Some(ends_with_client) };
                Ok(Box::new(Streamable::at(site, "application/json, text/event-stream")) as Box<dyn Client>)
            }
        })
    }
}

/// What a front stands in front of, for one conversation.
pub struct Behind<'b> {
    opening: &'b Opening<'b>,
    fixture: &'b Fixture,
    revision: Revision,
    server: Mutex<Option<HttpServer>>,
}

impl std::fmt::Debug for Behind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behind").field("revision", &self.revision).field("caller", &self.caller()).finish_non_exhaustive()
    }
}

impl Behind<'_> {
    /// The revision that the conversation is in.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The place in the list of callers of who begins the conversation.
    pub fn caller(&self) -> usize {
        self.opening.caller
    }

    /// Whether another caller takes part.
    pub fn is_for_two(&self) -> bool {
        self.fixture.is_for_two()
    }

    /// The URL of the server, which serves Streamable HTTP from the first time on that it is asked for.
    pub fn url(&self) -> String {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let server = server.get_or_insert_with(|| Handle::current().block_on(HttpServer::start(self.opening)));
        format!("http://{}/mcp", server.address)
    }

    /// The bearer token by which the server knows who begins the conversation.
    pub fn token(&self) -> String {
        token(self.opening.caller)
    }

    fn into_server(self) -> Option<HttpServer> {
        self.server.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
