//! Opening a connection: finding out what the server speaks, and agreeing on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mcp_core::{LogLevel, Revision};
use serde::Deserialize;
use serde_json::Value;

use crate::declared::Offered;
use crate::draft::Draft;
use crate::era::{self, Verdict};
use crate::error::{Error, Result};
use crate::handler::Offers;
use crate::http::{HttpSse, Peer, Streamable};
use crate::inner::Inner;
use crate::link::Pipe;
use crate::params::Params;
use crate::router::Router;
use crate::settings::Settings;
use crate::types::{Server, ServerInfo};

/// Agrees with a server at the other end of a pipe on what to speak.
pub(crate) async fn over_pipe(settings: Settings, router: Arc<Router>, pipe: Pipe) -> Result<Inner> {
    let inner = Inner::new(settings, router, Box::new(pipe));
    match inner.greet(false).await {
        Ok(()) => Ok(inner),
        Err(error) => {
            inner.link.close().await;
            Err(error)
        }
    }
}

/// Agrees with an HTTP server on what to speak, and on which of the HTTP transports.
pub(crate) async fn over_http(settings: Settings, router: Arc<Router>, peer: Arc<Peer>) -> Result<Inner> {
    let inner = Inner::new(settings.clone(), Arc::clone(&router), Box::new(Streamable::new(Arc::clone(&peer))));
    let refusal = match inner.greet(true).await {
        Ok(()) => return Ok(inner),
        Err(error) if settings.era.legacy().is_some() && era::may_speak_http_sse(&error) => error,
        Err(error) => return Err(error),
    };
    let link = match HttpSse::open(&peer, settings.timeouts.connect).await {
        Ok(link) => link,
        // It does speak it, but nobody was let in.
        Err(error @ Error::Authorization(_)) => return Err(error),
        Err(error) => {
            tracing::debug!(%error, "the server does not speak HTTP+SSE either");
            return Err(refusal);
        }
    };
    let inner = Inner::new(settings, router, Box::new(link));
    inner.initialize().await?;
    Ok(inner)
}

/// The answer to `initialize`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Initialized {
    protocol_version: String,
    #[serde(default)]
    capabilities: Value,
    #[serde(default)]
    server_info: Value,
    #[serde(default)]
    instructions: Option<String>,
}

impl Inner {
    /// Finds out what the server speaks, newest first.
    async fn greet(&self, over_http: bool) -> Result<()> {
        let era = self.settings.era;
        let Some(mut asked) = era.modern() else { return self.initialize().await };
        let mut draft = Draft::new("server/discover");
        if !over_http {
            draft.silence = Some(self.settings.timeouts.probe);
        }
        for last in [false, true] {
            let answer = self.exchange_in(&draft, Some(asked)).await;
            match era::judge(era, asked, over_http, answer) {
                Verdict::Modern(found) => {
                    let info = found.info();
                    self.settle(Server { revision: asked, info, capabilities: found.capabilities, instructions: found.instructions });
                    return Ok(());
                }
                Verdict::Legacy => return self.initialize().await,
                Verdict::Unfit(error) => return Err(error),
                Verdict::Again(revision) if !last => asked = revision,
                Verdict::Again(_) => break,
            }
        }
        Err(Error::Unsupported("the server refuses the protocol version that it says it supports".to_owned()))
    }

    /// Opens a session (2025-11-25, basic/lifecycle).
    pub(crate) async fn initialize(&self) -> Result<()> {
        let Some(wanted) = self.settings.era.legacy() else {
            return Err(Error::Unsupported("the server speaks only revisions with sessions, which this client was told not to".to_owned()));
        };
        // It may ping before it answers.
        self.router.may_ask.store(true, Ordering::Release);
        let mut draft = Draft::new("initialize").with("protocolVersion", wanted.as_str());
        let Settings { tasks, releases, .. } = self.settings;
        let offered = Offered { offers: self.router.offers, tasks, releases, revision: wanted };
        draft.params.set("capabilities", &self.settings.capabilities(offered))?;
        draft.params.set("clientInfo", &self.settings.info)?;
        let result = self.exchange_in(&draft, None).await?.map_err(Error::Protocol)?;
        let result: Initialized = serde_json::from_str(result.get()).map_err(|error| Error::unreadable(&error))?;
        let version = result.protocol_version;
        let Some(revision) = Revision::parse(&version).filter(|revision| !revision.is_modern() && self.settings.era.permits(*revision))
        else {
            return Err(Error::Unsupported(format!("the server wants to speak protocol version {version}, which this client does not")));
        };
        let info = ServerInfo::deserialize(result.server_info).ok();
        self.settle(Server { revision, info, capabilities: result.capabilities, instructions: result.instructions });
        self.notify("notifications/initialized", &Params::default()).await?;
        if self.router.offers != Offers::NONE {
            self.link.hear_questions().await;
        }
        match self.settings.log_level {
            Some(level) if self.server().can("logging") => self.set_log_level(level).await,
            _ => Ok(()),
        }
    }

    async fn set_log_level(&self, level: LogLevel) -> Result<()> {
        let mut draft = Draft::new("logging/setLevel");
        draft.params.set("level", &level)?;
        self.exchange(&draft).await.map(drop)
    }

    /// Opens another session in place of one that the server forgot, unless that was done meanwhile.
    pub(crate) async fn reopen(&self, lost: u64) -> Result<()> {
        let _opening = self.session.lock().await;
        if self.epoch() != lost {
            return Ok(());
        }
        tracing::debug!("the server forgot the session; another is opened");
        self.initialize().await?;
        self.listen_again().await
    }
}
