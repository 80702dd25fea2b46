//! What the server may ask of the client, and what it tells it.

use async_trait::async_trait;
use mcp_core::{Elicited, LogLevel, Root};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ask::{Elicitation, Sampled, Sampling};
use crate::error::ServerError;
use crate::json::Json;
use crate::listen::Change;

/// What a handler offers to servers; sent as the client's capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offers {
    /// It shows forms to the user.
    pub forms: bool,
    /// It sends the user to URLs.
    pub urls: bool,
    /// It samples from a model.
    pub sampling: bool,
    /// Its sampling takes tools.
    pub sampling_tools: bool,
    /// It lists roots.
    pub roots: bool,
}

impl Offers {
    /// Nothing.
    pub const NONE: Self = Self { forms: false, urls: false, sampling: false, sampling_tools: false, roots: false };

    /// Adds forms.
    #[must_use]
    pub const fn forms(mut self) -> Self {
        self.forms = true;
        self
    }

    /// Adds URLs.
    #[must_use]
    pub const fn urls(mut self) -> Self {
        self.urls = true;
        self
    }

    /// Adds sampling.
    #[must_use]
    pub const fn sampling(mut self) -> Self {
        self.sampling = true;
        self
    }

    /// Adds tools to sampling.
    #[must_use]
    pub const fn sampling_tools(mut self) -> Self {
        self.sampling = true;
        self.sampling_tools = true;
        self
    }

    /// Adds roots.
    #[must_use]
    pub const fn roots(mut self) -> Self {
        self.roots = true;
        self
    }
}

/// Answers what servers ask of the user, the model and the file system, and hears what they tell.
///
/// A server asks only for what [`ClientHandler::offers`] names. The methods that tell something are
/// called in the order of arrival by the task that reads the connection, so they should be quick.
#[async_trait]
pub trait ClientHandler: Send + Sync + 'static {
    /// What this handler can answer. Read once, before connecting.
    fn offers(&self) -> Offers {
        Offers::NONE
    }

    /// Answers a request of the server as it was written; `None` has it read, and answered by the methods below.
    async fn answer(&self, method: &str, params: &RawValue) -> Option<Result<Box<RawValue>, Refusal>> {
        let _ = (method, params);
        None
    }

    /// Asks the user for input; see [`Offers::forms`] and [`Offers::urls`].
    async fn elicit(&self, elicitation: Elicitation) -> Elicited<Value> {
        let _ = elicitation;
        Elicited::Cancelled
    }

    /// Asks the model; see [`Offers::sampling`].
    async fn sample(&self, sampling: Sampling) -> Result<Sampled, Refusal> {
        let _ = sampling;
        Err(Refusal::unsupported("sampling"))
    }

    /// Lists the directories that the server may work in; see [`Offers::roots`].
    async fn roots(&self) -> Result<Vec<Root>, Refusal> {
        Err(Refusal::unsupported("roots"))
    }

    /// Hears a log message; see [`Builder::log_level`](crate::Builder::log_level).
    fn log(&self, message: LogMessage) {
        let _ = message;
    }

    /// Hears how far a call is; see [`Builder::report_progress`](crate::Builder::report_progress).
    fn progress(&self, progress: &Progress) {
        let _ = progress;
    }

    /// Hears of a change. Most servers only tell of changes while [`Client::listen`](crate::Client::listen) runs.
    fn changed(&self, change: &Change) {
        let _ = change;
    }
}

/// The handler of a client that offers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHandler;

impl ClientHandler for NoHandler {}

/// Why a handler does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    code: i32,
    message: String,
}

impl Refusal {
    /// A refusal of the user (2025-11-25, client/sampling, "Error Handling").
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: -1, message: message.into() }
    }

    /// A refusal with a JSON-RPC code of one's own.
    pub fn with_code(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn unsupported(what: &str) -> Self {
        Self { code: mcp_core::code::METHOD_NOT_FOUND, message: format!("this client offers no {what}") }
    }

    pub(crate) fn invalid(what: &str) -> Self {
        Self { code: mcp_core::code::INVALID_PARAMS, message: what.to_owned() }
    }

    /// Why.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message)
    }
}

/// A log message of the server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct LogMessage {
    /// How severe it is.
    pub level: LogLevel,
    /// Who wrote it.
    #[serde(default)]
    pub logger: Option<String>,
    /// What it says.
    #[serde(default)]
    pub data: Json,
}

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// What is done so far; increases.
    pub progress: f64,
    /// What there is to do, if known.
    #[serde(default)]
    pub total: Option<f64>,
    /// What it means.
    #[serde(default)]
    pub message: Option<String>,
}
