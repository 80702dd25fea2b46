//! What a function may take besides its arguments.

use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Context, States};
use crate::access::Principal;
use crate::tool_error::ToolError;

/// Something a function receives that never shows in its schema.
///
/// Implement it for a type of one's own and mark the parameter `#[inject]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be injected",
    label = "this type does not implement `FromContext`",
    note = "injected parameters are `State<T>`, `Principal`, `Context`, and types that implement `mcp_parity::FromContext`"
)]
pub trait FromContext: Sized {
    /// Takes the value from the call.
    ///
    /// # Errors
    /// A message for the model when the call does not have it.
    fn from_context(cx: &Context) -> Result<Self, ToolError>;

    /// What the server lacks for this to be had in any call; asked at start, so that an operator
    /// learns of it before a client does.
    fn missing(provided: &Provided<'_>) -> Option<String> {
        let _ = provided;
        None
    }
}

/// What a server was given for its calls.
#[derive(Debug)]
pub struct Provided<'a>(pub(crate) &'a States);

impl Provided<'_> {
    /// Whether a state of this type was given.
    pub fn has_state<T: Send + Sync + 'static>(&self) -> bool {
        self.0.get::<T>().is_some()
    }
}

impl FromContext for Context {
    fn from_context(cx: &Context) -> Result<Self, ToolError> {
        Ok(cx.clone())
    }
}

impl FromContext for Principal {
    fn from_context(cx: &Context) -> Result<Self, ToolError> {
        Ok(cx.principal().clone())
    }
}

/// A value shared by all calls, given to the server with `.state(value)`.
#[derive(Debug)]
pub struct State<T: ?Sized>(pub(crate) Arc<T>);

impl<T: ?Sized> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> State<T> {
    /// The shared value itself, for code that keeps it.
    pub fn into_arc(self) -> Arc<T> {
        self.0
    }
}

impl<T: Send + Sync + 'static> FromContext for State<T> {
    fn from_context(cx: &Context) -> Result<Self, ToolError> {
        cx.state::<T>().map(State).ok_or_else(|| {
            let name = std::any::type_name::<T>();
            tracing::error!("no state of type `{name}`; give it to the server with `.state(…)`");
            ToolError::protocol(crate::RpcError::internal())
        })
    }

    fn missing(provided: &Provided<'_>) -> Option<String> {
        (!provided.has_state::<T>()).then(|| {
            let name = std::any::type_name::<T>();
            format!("it takes `State<{name}>`, and the server was given none; add `.state(…)`")
        })
    }
}

/// The whole argument object, as a type of one's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Args<T>(
    /// The arguments.
    pub T,
);

impl<T> Deref for Args<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The arguments of a tool that takes none.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
// What it is called here tells a model nothing.
#[schemars(description = "")]
pub struct NoArguments {}

/// A type that an argument of a tool may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a tool",
    label = "this type cannot be read from JSON with a schema",
    note = "derive `serde::Deserialize` and `schemars::JsonSchema` for it",
    note = "if it is not an argument but comes from the server, mark the parameter `#[inject]`"
)]
pub trait ToolArgument: DeserializeOwned + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> ToolArgument for T {}

/// A type that an argument of a prompt, a template variable or a completion may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a string",
    label = "arguments of prompts, resources and completions are strings on the wire",
    note = "take a `String`, or a type that implements `std::str::FromStr`"
)]
pub trait TextArgument: FromStr {}

#[diagnostic::do_not_recommend]
impl<T: FromStr> TextArgument for T {}
