//! Where the upstream is, and how connections to it are made.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use mcp_client::{Builder, Client, ClientHandler, Error, Result};
use tokio::process::Command;

use crate::identity::Identity;
use crate::request::Header;

/// The server that is relayed.
#[derive(Clone)]
pub enum Upstream {
    /// It listens.
    Url(String),
    /// It is started, and spoken to over its standard streams.
    Command {
        /// What to start.
        program: OsString,
        /// With which arguments.
        arguments: Vec<OsString>,
        /// Added to the environment; may hold tokens.
        environment: Vec<(String, String)>,
        /// Where to start it.
        directory: Option<PathBuf>,
    },
}

impl std::fmt::Debug for Upstream {
    /// Leaves out what may hold tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(_) => f.debug_tuple("Url").finish_non_exhaustive(),
            Self::Command { program, .. } => f.debug_struct("Command").field("program", program).finish_non_exhaustive(),
        }
    }
}

/// Makes a client that is not connected yet.
pub(crate) type Make = Arc<dyn Fn() -> Builder + Send + Sync>;

/// Says what callers are told of an error, if that is something in particular.
pub(crate) type Advise = Arc<dyn Fn(&Error) -> Option<String> + Send + Sync>;

/// Opens where a server that is started writes its standard error.
pub(crate) type ServerLog = Arc<dyn Fn() -> io::Result<Stdio> + Send + Sync>;

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connect {
    pub(crate) upstream: Upstream,
    pub(crate) make: Make,
    pub(crate) advise: Option<Advise>,
    pub(crate) server_log: Option<ServerLog>,
    pub(crate) identity: Option<Identity>,
}

impl Connect {
    pub(crate) fn is_url(&self) -> bool {
        matches!(self.upstream, Upstream::Url(_))
    }

    /// What callers are told of an error in particular.
    pub(crate) fn advice(&self, error: &Error) -> Option<String> {
        self.advise.as_ref()?(error)
    }

    /// Connects on behalf of everybody.
    pub(crate) async fn shared(&self) -> Result<Client> {
        let builder = (self.make)();
        self.open(match self.identity.as_ref().and_then(Identity::known_by) {
            Some((name, secret)) => builder.header(name, secret),
            None => builder,
        })
        .await
    }

    /// Connects on behalf of a caller, with headers that are sent with everything, and without those that this server sends for itself alone.
    pub(crate) async fn on_behalf(&self, handler: Arc<dyn ClientHandler>, headers: &[Header]) -> Result<Client> {
        let mut builder = (self.make)().shared_handler(handler);
        for (name, value) in headers {
            builder = match value.as_ref().and_then(|value| value.to_str().ok()) {
                Some(value) => builder.header(name.as_str(), value),
                None => builder.without_header(name.as_str()),
            };
        }
        self.open(builder).await
    }

    async fn open(&self, builder: Builder) -> Result<Client> {
        // As much as this server reads by itself. A message grows on its way, and over a pipe the upstream could not say which one was too large.
        let reads = mcp_core::Limits::default().max_message_bytes;
        let builder = builder.limits(|limits| limits.request_bytes = limits.request_bytes.min(reads));
        match &self.upstream {
            Upstream::Url(url) => builder.connect(url).await,
            Upstream::Command { program, arguments, environment, directory } => {
                let mut command = Command::new(program);
                command.args(arguments).envs(environment.iter().map(|(name, value)| (name, value)));
                if let Some(directory) = directory {
                    command.current_dir(directory);
                }
                if let Some(open) = &self.server_log {
                    let failed = |error: io::Error| {
                        let what = "the standard error of the server cannot be read".to_owned();
                        Error::Transport { what, cause: Some(error.into()), sent: false }
                    };
                    command.stderr(open().map_err(failed)?);
                }
                // Signals of a terminal are for this process, which ends the server in the way of the protocol.
                #[cfg(unix)]
                command.process_group(0);
                builder.spawn(command).await
            }
        }
    }
}
