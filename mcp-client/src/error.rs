//! Why a call did not succeed.

use std::time::Duration;

use serde::Deserialize;

use crate::json::Json;

/// What a call results in.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What caused an error.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call did not succeed.
///
/// A tool that reports a failure to the model is no error here: see [`CallResult::is_error`](crate::CallResult::is_error).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection failed, or the server did not keep to the protocol of its transport.
    #[error("{what}")]
    Transport {
        /// What went wrong, for people.
        what: String,
        /// What caused it.
        #[source]
        cause: Option<Cause>,
        /// Whether the request may have reached the server.
        sent: bool,
    },
    /// The connection is closed, by this side or the other.
    #[error("the connection is closed: {0}")]
    Closed(String),
    /// The server answered with a JSON-RPC error.
    #[error("the server answered: {0}")]
    Protocol(ServerError),
    /// The server refused the HTTP request, as for want of credentials.
    #[error("the server refused with HTTP status {status}{}", detail(.reason.as_deref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What `WWW-Authenticate` says about how to be let in.
        challenge: Option<String>,
        /// The JSON-RPC error in the body, if there was one.
        reason: Option<Box<ServerError>>,
    },
    /// The client could not get what would let it in.
    #[error("authorization: {0}")]
    Authorization(#[source] Cause),
    /// No answer came in time. The server was told to stop.
    #[error("no answer came within {0:?}")]
    Timeout(Duration),
    /// Client and server have no way to do this.
    #[error("{0}")]
    Unsupported(String),
    /// The server forgot the session, and forgot the next one too.
    #[error("the server does not keep sessions long enough to be used")]
    SessionLost,
    /// What this process was told of the way to the server, as by its environment, is wrong.
    #[error("{0}")]
    Configuration(String),
    /// The server's answer cannot be read.
    #[error("the server's answer cannot be read: {0}")]
    Malformed(String),
    /// Arguments or parameters cannot be written as JSON.
    #[error("the arguments cannot be written as JSON")]
    Arguments(#[source] serde_json::Error),
    /// The message was not sent because it is larger than [`Limits::request_bytes`](crate::Limits::request_bytes).
    #[error("the message has {bytes} bytes, and {limit} are the most that is sent")]
    TooLarge {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The handler refused what the server asked for, so the call cannot go on.
    #[error("the handler refused: {0}")]
    Declined(String),
    /// The call was cancelled, by this side or as a task by the server.
    #[error("the call was cancelled")]
    Cancelled,
}

fn detail(reason: Option<&ServerError>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

impl Error {
    pub(crate) fn transport(what: impl Into<String>) -> Self {
        Self::Transport { what: what.into(), cause: None, sent: true }
    }

    pub(crate) fn transport_from(what: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Transport { what: what.into(), cause: Some(cause.into()), sent: true }
    }

    /// No connection could be made.
    pub(crate) fn unreachable(what: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Transport { what: what.into(), cause: Some(cause.into()), sent: false }
    }

    /// Whether the connection is gone, or there was none.
    pub fn is_disconnection(&self) -> bool {
        matches!(self, Self::Transport { .. } | Self::Closed(_))
    }

    /// Whether the server can have seen nothing of the request, so that it may be sent again.
    pub fn is_unsent(&self) -> bool {
        matches!(self, Self::Transport { sent: false, .. })
    }

    /// Why [`Credentials`](crate::Credentials) could not be had.
    pub fn authorization(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Authorization(cause.into())
    }

    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }

    /// The JSON-RPC error, if the server sent one, with or without an HTTP refusal around it.
    pub fn server_error(&self) -> Option<&ServerError> {
        match self {
            Self::Protocol(error) => Some(error),
            Self::Refused { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }

    /// Whether the server answered with a JSON-RPC error of this code.
    pub(crate) fn has_code(&self, code: i32) -> bool {
        self.server_error().is_some_and(|error| error.code == i64::from(code))
    }
}

/// A JSON-RPC error as the server sent it.
#[derive(Clone, Debug, PartialEq, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub struct ServerError {
    /// The code; [`mcp_core::code`] names those that the protocol defines.
    pub code: i64,
    /// What was wrong.
    #[serde(default)]
    pub message: String,
    /// Details, for programs.
    #[serde(default)]
    pub data: Option<Json>,
}

impl ServerError {
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), data: None }
    }

    /// The protocol versions that the server says it supports instead (2026-07-28, `UnsupportedProtocolVersionError`).
    pub(crate) fn supported_versions(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Versions {
            supported: Vec<String>,
        }
        self.data.as_ref().and_then(|data| data.parse::<Versions>().ok()).map(|data| data.supported).unwrap_or_default()
    }
}
