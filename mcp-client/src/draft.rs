//! A request that is not sent yet.

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use mcp_core::LogLevel;

use crate::flights::Hearing;
use crate::handler::Offers;
use crate::params::Params;

/// A request that is not sent yet. It may be sent more than once, under a new id each time.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) method: Cow<'static, str>,
    /// The name, URI or task that is called, which HTTP repeats in a header.
    pub(crate) name: Option<String>,
    pub(crate) params: Params,
    /// What the caller adds to `_meta`.
    pub(crate) meta: Params,
    /// Who hears what of it while it runs.
    pub(crate) hearing: Hearing,
    /// Sent over HTTP in place of the client's own; `None` sends none.
    pub(crate) headers: Vec<(HeaderName, Option<HeaderValue>)>,
    /// What can be asked on its behalf; what the handler offers where not given.
    pub(crate) offers: Option<Offers>,
    /// Whether it may become a task; as the client's settings say where not given.
    pub(crate) tasks: Option<bool>,
    /// The log messages it wants; those of the client's settings where not given.
    pub(crate) log_level: Option<LogLevel>,
    /// How long to wait; the client's settings where not given.
    pub(crate) silence: Option<Duration>,
    pub(crate) total: Option<Duration>,
}

impl Draft {
    pub(crate) fn new(method: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method: method.into(),
            name: None,
            params: Params::default(),
            meta: Params::default(),
            hearing: Hearing::default(),
            headers: Vec::new(),
            offers: None,
            tasks: None,
            log_level: None,
            silence: None,
            total: None,
        }
    }

    /// A request that is known by what it names, as `name` or `uri`.
    pub(crate) fn naming(method: &'static str, key: &'static str, name: String) -> Self {
        let mut draft = Self::new(method).with(key, &name);
        draft.name = Some(name);
        draft
    }

    /// A request with all its parameters. What HTTP repeats of them in a header is what they name
    /// (2026-07-28, basic/transports/streamable-http, "Standard Request Headers").
    pub(crate) fn with_params(method: String, params: Params) -> Self {
        let key = match method.as_str() {
            "tools/call" | "prompts/get" => Some("name"),
            "resources/read" => Some("uri"),
            "tasks/get" | "tasks/update" | "tasks/cancel" => Some("taskId"),
            _ => None,
        };
        let name = key.and_then(|key| serde_json::from_str(params.get(key)?.get()).ok());
        Self { params, name, ..Self::new(method) }
    }

    /// Sets a parameter of plain text.
    pub(crate) fn with(mut self, key: &'static str, value: &str) -> Self {
        self.params = self.params.with(key, value);
        self
    }

    /// Another request of the same caller, which keeps to the same times.
    pub(crate) fn following(&self, method: &'static str, key: &'static str, name: &str) -> Self {
        let mut draft = Self::naming(method, key, name.to_owned());
        draft.silence = self.silence;
        draft.headers.clone_from(&self.headers);
        draft.offers = self.offers;
        draft.tasks = self.tasks;
        draft
    }

    /// Whether giving it up is told to the server. These open a connection, and cannot be taken back.
    pub(crate) fn is_cancellable(&self) -> bool {
        !matches!(&*self.method, "initialize" | "server/discover")
    }
}
