//! Errors a model reads.

use std::borrow::Cow;
use std::fmt;

use crate::protocol::capabilities::ClientCapability;
use crate::protocol::error::RpcError;

/// Why a tool, resource or prompt could not answer, in words for the model that called it.
///
/// The message says what to change. A cause is for the log and never reaches the wire.
pub struct ToolError {
    message: Cow<'static, str>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Execution,
    Protocol(Box<RpcError>),
    MissingCapability(ClientCapability),
}

impl ToolError {
    /// An error with the words the model should read.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), cause: None, kind: Kind::Execution }
    }

    /// A resource or item that does not exist, answered as the protocol's own error.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::protocol(RpcError::invalid_params(message))
    }

    /// An error for the program instead of the model.
    pub fn protocol(error: RpcError) -> Self {
        Self { message: Cow::Owned(error.message().to_owned()), cause: None, kind: Kind::Protocol(Box::new(error)) }
    }

    pub(crate) fn missing_capability(capability: ClientCapability) -> Self {
        Self {
            message: Cow::Owned(format!("the client does not support {}, which this needs", capability.phrase())),
            cause: None,
            kind: Kind::MissingCapability(capability),
        }
    }

    /// Attaches what went wrong underneath, for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The words the model reads.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Writes the cause, if there is one, to the log.
    pub(crate) fn log(&self, item: &str) {
        if let Some(cause) = &self.cause {
            tracing::error!(item, error = %Chain(&**cause), "{}", self.message);
        }
    }

    /// The protocol error this is, unless it is for the model.
    pub(crate) fn as_protocol(&self, modern: bool) -> Option<RpcError> {
        match &self.kind {
            Kind::Execution => None,
            Kind::Protocol(error) => Some((**error).clone()),
            Kind::MissingCapability(capability) if modern => Some(
                RpcError::new(crate::code::MISSING_CLIENT_CAPABILITY, self.message.clone())
                    .with_data(&serde_json::json!({"requiredCapabilities": capability.required()})),
            ),
            Kind::MissingCapability(_) => None,
        }
    }
}

/// An error with its sources, outermost first.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolError").field("message", &self.message).field("cause", &self.cause).finish()
    }
}

/// Any other error keeps its words to the log: they may hold what a client must not read.
impl<E: std::error::Error + Send + Sync + 'static> From<E> for ToolError {
    fn from(cause: E) -> Self {
        Self::new("the tool failed; the server's log has the cause").caused_by(cause)
    }
}

/// An error type that a tool, resource or prompt may return.
///
/// What a type displays is what the model reads; return [`ToolError`] to keep a cause to the log.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shown to a model as an error",
    label = "this error type has no `Display`",
    note = "implement `std::fmt::Display` for it, or return `mcp_parity::ToolError`"
)]
pub trait IntoToolError {
    /// Turns the error into words for the model.
    fn into_tool_error(self) -> ToolError;
}

impl IntoToolError for ToolError {
    fn into_tool_error(self) -> ToolError {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: fmt::Display> IntoToolError for E {
    fn into_tool_error(self) -> ToolError {
        ToolError::new(self.to_string())
    }
}
