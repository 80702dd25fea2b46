//! Setting up a client.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use mcp_core::LogLevel;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::Command;

use crate::client::Client;
use crate::connect;
use crate::credentials::Credentials;
use crate::error::{Error, Result};
use crate::handler::{ClientHandler, NoHandler};
use crate::http::{Entry, Peer, Proxies, Url};
use crate::link::{Pipe, Process};
use crate::observe::Observer;
use crate::router::Router;
use crate::settings::{Era, Limits, Settings, Timeouts};

/// How a client is set up.
#[must_use = "a builder does nothing until it connects"]
pub struct Builder {
    settings: Settings,
    handler: Arc<dyn ClientHandler>,
    entry: Entry,
    observer: Option<Arc<dyn Observer>>,
    /// The first setting that cannot be used.
    mistake: Option<Error>,
}

impl Default for Builder {
    fn default() -> Self {
        let settings = Settings {
            info: json!({"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")}),
            era: Era::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            log_level: None,
            report_progress: false,
            tasks: true,
            extensions: Map::new(),
            releases: false,
        };
        Self { settings, handler: Arc::new(NoHandler), entry: Entry::default(), observer: None, mistake: None }
    }
}

impl std::fmt::Debug for Builder {
    /// Leaves out what lets the client in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Builder {
    /// What the client calls itself: `.named(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))`.
    pub fn named(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.settings.info = json!({"name": name.into(), "version": version.into()});
        self
    }

    /// Which revisions of the protocol to speak.
    pub fn era(mut self, era: Era) -> Self {
        self.settings.era = era;
        self
    }

    /// Who answers what the server asks, and hears what it tells.
    pub fn handler(self, handler: impl ClientHandler) -> Self {
        self.shared_handler(Arc::new(handler))
    }

    /// As [`Builder::handler`], with one that others hold too.
    pub fn shared_handler(mut self, handler: Arc<dyn ClientHandler>) -> Self {
        self.handler = handler;
        self
    }

    /// Shows somebody what goes over the wire.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Asks the server for its log messages, from this severity on.
    pub fn log_level(mut self, level: LogLevel) -> Self {
        self.settings.log_level = Some(level);
        self
    }

    /// Asks the server to tell the handler how far every call is.
    pub fn report_progress(mut self) -> Self {
        self.settings.report_progress = true;
        self
    }

    /// Does not accept tasks in place of results.
    pub fn without_tasks(mut self) -> Self {
        self.settings.tasks = false;
        self
    }

    /// Announces an extension (2026-07-28, basic/versioning, "Extension Negotiation").
    pub fn extension(mut self, identifier: impl Into<String>, settings: Map<String, Value>) -> Self {
        self.settings.extensions.insert(identifier.into(), settings.into());
        self
    }

    /// Says in sessions that the client hears it when the server would let go of a call's connection
    /// (extension `io.mcp-parity/release-connection`); see [`Forward::on_release`](crate::Forward::on_release). Where each request
    /// says what its client can do, those say so that somebody hears it of.
    pub fn hears_releases(mut self) -> Self {
        self.settings.releases = true;
        self
    }

    /// How long to wait for what.
    pub fn timeouts(mut self, set: impl FnOnce(&mut Timeouts)) -> Self {
        set(&mut self.settings.timeouts);
        self
    }

    /// How much to take from the server, and to send it.
    pub fn limits(mut self, set: impl FnOnce(&mut Limits)) -> Self {
        set(&mut self.settings.limits);
        self
    }

    /// Through which proxies servers are reached; by default those that the environment names.
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.entry.proxies = proxies;
        self
    }

    /// The token that lets the client in over HTTP.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends a header with every HTTP request.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.entry.headers.insert(name, value);
            }
            _ => self.mistake = Some(Error::Configuration(format!("the header `{}` cannot be sent", name.escape_debug()))),
        }
        self
    }

    /// Takes a header back that was to be sent with every HTTP request.
    pub fn without_header(mut self, name: &str) -> Self {
        self.entry.headers.remove(name);
        self
    }

    /// Who lets the client in over HTTP: asked before every request, and told when one is refused.
    pub fn credentials(mut self, credentials: Arc<dyn Credentials>) -> Self {
        self.entry.credentials = Some(credentials);
        self
    }

    /// Trusts these certificate authorities (PEM) besides those that the system trusts, for this connection; what signs in
    /// has connections of its own.
    #[cfg(feature = "tls")]
    pub fn trust(mut self, pem: &[u8]) -> Self {
        match self.entry.tls.trusting(pem) {
            Ok(tls) => self.entry.tls = tls,
            Err(mistake) => self.mistake = Some(mistake),
        }
        self
    }

    fn finish(self) -> Result<(Settings, Arc<Router>, Entry)> {
        match self.mistake {
            Some(mistake) => Err(mistake),
            None => Ok((self.settings, Arc::new(Router::new(self.handler, self.observer)), self.entry)),
        }
    }

    /// Launches a server and speaks to it over its standard streams. Its standard error stays as `command` has it.
    ///
    /// # Errors
    /// When it cannot be launched, or client and server do not agree on what to speak.
    pub async fn spawn(self, command: impl Into<Command>) -> Result<Client> {
        let (settings, router, _) = self.finish()?;
        let (process, stdout, stdin) = Process::launch(command.into())?;
        let pipe = Pipe::start(stdout, stdin, Some(process), Arc::clone(&router), settings.limits.message_bytes, settings.timeouts.exit);
        connect::over_pipe(settings, router, pipe).await.map(|inner| Client(Arc::new(inner)))
    }

    /// Speaks to a server over any pair of byte streams.
    ///
    /// # Errors
    /// When client and server do not agree on what to speak.
    pub async fn over<R, W>(self, reader: R, writer: W) -> Result<Client>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (settings, router, _) = self.finish()?;
        let pipe = Pipe::start(reader, writer, None, Arc::clone(&router), settings.limits.message_bytes, settings.timeouts.exit);
        connect::over_pipe(settings, router, pipe).await.map(|inner| Client(Arc::new(inner)))
    }

    /// Connects to a server over HTTP: Streamable HTTP, or HTTP+SSE where the server speaks nothing newer.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, or client and server do not agree on what to speak.
    pub async fn connect(self, url: &str) -> Result<Client> {
        let url = Url::parse(url)?;
        let (settings, router, entry) = self.finish()?;
        let peer = Peer::new(url, entry, Arc::clone(&router), settings.limits.message_bytes, &settings.timeouts);
        connect::over_http(settings, router, peer).await.map(|inner| Client(Arc::new(inner)))
    }
}
