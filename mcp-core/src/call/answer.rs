//! What an item answers.

use std::fmt;
use std::future::Future;

use super::{ArgumentError, BoxFuture, Context};
use crate::item::{CompletionValues, PromptOutput, ResourceOutput, ToolOutput};
use crate::item::{IntoResourceOutput, IntoToolOutput};
use crate::protocol::error::RpcError;
use crate::tool_error::{IntoToolError, ToolError};

/// A call that was started: answered already, or still running.
#[must_use = "an invocation does nothing until the dispatcher runs it"]
pub struct Invocation(pub(crate) Started);

pub(crate) enum Started {
    Ready(Answer),
    Running(BoxFuture<'static, Answer>),
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Started::Ready(_) => "Invocation::Ready",
            Started::Running(_) => "Invocation::Running",
        })
    }
}

impl Invocation {
    /// The answer is there.
    pub fn ready(answer: Answer) -> Self {
        Self(Started::Ready(answer))
    }

    /// The answer takes waiting for.
    pub fn running(answer: impl Future<Output = Answer> + Send + 'static) -> Self {
        Self(Started::Running(Box::pin(answer)))
    }

    /// The answer takes a thread of its own, off the threads that serve others.
    pub fn blocking(cx: &Context, answer: impl FnOnce() -> Answer + Send + 'static) -> Self {
        let (send, receive) = tokio::sync::oneshot::channel();
        cx.runtime().spawn_blocking(Box::new(move || {
            // The receiver is gone when the call was cancelled.
            let _ = send.send(answer());
        }));
        Self::running(async move { receive.await.unwrap_or_else(|_| Answer::panicked()) })
    }
}

/// What an item answers.
pub struct Answer(pub(crate) Verdict);

pub(crate) enum Verdict {
    Tool(ToolOutput),
    Resource(ResourceOutput),
    Prompt(PromptOutput),
    Completion(CompletionValues),
    /// The result object of another server.
    Mirrored(Box<str>),
    /// The arguments do not fit the schema; the dispatcher finds the words.
    Arguments(Option<ArgumentError>),
    Protocol(RpcError),
    Error(ToolError),
    Panicked,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

impl Answer {
    /// The answer of a tool that can fail.
    pub fn tool<R: IntoToolOutput, E: IntoToolError>(result: Result<R, E>) -> Self {
        match result {
            Ok(value) => Self::tool_value(value),
            Err(error) => Self::error(error.into_tool_error()),
        }
    }

    /// The answer of a tool that cannot fail.
    pub fn tool_value<R: IntoToolOutput>(value: R) -> Self {
        match value.into_tool_output() {
            Ok(output) => Self(Verdict::Tool(output)),
            Err(error) => Self::error(error),
        }
    }

    /// The answer of a resource that can fail.
    pub fn resource<R: IntoResourceOutput, E: IntoToolError>(result: Result<R, E>) -> Self {
        match result {
            Ok(value) => Self::resource_value(value),
            Err(error) => Self::error(error.into_tool_error()),
        }
    }

    /// The answer of a resource that cannot fail.
    pub fn resource_value<R: IntoResourceOutput>(value: R) -> Self {
        match value.into_resource_output() {
            Ok(output) => Self(Verdict::Resource(output)),
            Err(error) => Self::error(error),
        }
    }

    /// The answer of a prompt that can fail.
    pub fn prompt<R: crate::item::IntoPromptOutput, E: IntoToolError>(result: Result<R, E>) -> Self {
        match result {
            Ok(value) => Self::prompt_value(value),
            Err(error) => Self::error(error.into_tool_error()),
        }
    }

    /// The answer of a prompt that cannot fail.
    pub fn prompt_value<R: crate::item::IntoPromptOutput>(value: R) -> Self {
        Self(Verdict::Prompt(value.into_prompt_output()))
    }

    /// The answer of a completion that can fail.
    pub fn completion<R: Into<CompletionValues>, E: IntoToolError>(result: Result<R, E>) -> Self {
        match result {
            Ok(values) => Self::completion_value(values),
            Err(error) => Self::error(error.into_tool_error()),
        }
    }

    /// The answer of a completion that cannot fail.
    pub fn completion_value<R: Into<CompletionValues>>(values: R) -> Self {
        Self(Verdict::Completion(values.into()))
    }

    /// An error of the item's own.
    pub fn error(error: ToolError) -> Self {
        Self(Verdict::Error(error))
    }

    /// Arguments that could not be read.
    pub fn invalid_arguments(error: ArgumentError) -> Self {
        Self(Verdict::Arguments(Some(error)))
    }

    /// Arguments that could be read but are outside their range.
    pub fn out_of_range() -> Self {
        Self(Verdict::Arguments(None))
    }

    /// The result of another server, a JSON object. Sent on as it is, but for what each revision says in its own way:
    /// `resultType`, caching hints, who the server is, and what a revision cannot carry.
    pub fn mirrored(result: impl Into<Box<str>>) -> Self {
        Self(Verdict::Mirrored(result.into()))
    }

    /// An error for the program that calls, as another server's.
    pub fn protocol_error(error: RpcError) -> Self {
        Self(Verdict::Protocol(error))
    }

    /// A string argument that does not fit.
    pub(crate) fn invalid_params(message: String) -> Self {
        Self(Verdict::Protocol(RpcError::invalid_params(message)))
    }

    pub(crate) fn panicked() -> Self {
        Self(Verdict::Panicked)
    }
}

impl From<ToolError> for Answer {
    fn from(error: ToolError) -> Self {
        Self::error(error)
    }
}
