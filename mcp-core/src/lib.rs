//! Protocol, registry and dispatcher of mcp-parity.
//!
//! This crate turns the bytes of a message into the bytes of its answer. It opens no sockets,
//! starts no runtime and knows no HTTP: a transport hands it a frame and an [`Exchange`], and
//! sends the [`Reply`]. Library authors who only define tools may depend on it alone;
//! applications use the `mcp-parity` facade.

mod access;
mod audit;
mod call;
mod changes;
mod content;
mod dispatch;
mod intercept;
mod item;
mod json;
mod limit;
mod outlet;
mod protocol;
mod questions;
mod registry;
mod runtime;
mod schema;
mod seal;
mod session;
#[cfg(feature = "skills")]
mod skills;
mod tasks;
mod tool_error;
mod uri_template;
mod validate;

pub use mcp_macros::{completion, prompt, resource, tool};

pub use crate::access::{Access, Denial, Principal, ScopeSet, Tier, is_scope_token};
pub use crate::audit::{Audit, AuditEvent, Verdict};
pub use crate::call::{
    Answer, Args, ArgumentError, Arguments, BoxFuture, Context, Elicit, Elicited, FromContext, Inquiry, Invocation, NoArguments, Provided,
    RELEASE_NOTIFICATION, Replies, Root, Sample, Sampled, State, Transport,
};
pub use crate::changes::Change;
pub use crate::content::{Annotations, Content, PromptMessage, ResourceContents, ResourceLink, Role};
pub use crate::dispatch::{
    Builder, Challenge, Connection, Dispatcher, Exchange, Headers, Limits, Link, Outcome, Reply, RunningBatch, RunningCall, ServerInfo,
    Started, Stranger,
};
pub use crate::intercept::Intercept;
pub use crate::item::{
    Completion, CompletionTarget, CompletionValues, Forward, Hints, Icon, IntoPromptOutput, IntoResourceOutput, IntoToolOutput, ItemMeta,
    Location, Prompt, PromptArgument, PromptOutput, Resource, ResourceOutput, SecuritySchemes, SkillForwards, TaskSupport, Theme, Tool,
    ToolOutput, UnfitEntry, Unlisted,
};
pub use crate::limit::Limit;
pub use crate::outlet::{Disconnected, Outlet};
pub use crate::protocol::capabilities::{ClientCapabilities, ClientCapability, RELEASE_EXTENSION};
pub use crate::protocol::error::{RpcError, code};
pub use crate::protocol::frame::RequestId;
pub use crate::protocol::log_level::LogLevel;
pub use crate::protocol::revision::Revision;
pub use crate::registry::{LiveRegistry, Registry, RegistryError, is_tool_name};
pub use crate::runtime::{Runtime, rfc3339_millis};
pub use crate::schema::SchemaStyle;
#[cfg(feature = "skills")]
pub use crate::skills::Skill;
pub use crate::tool_error::{IntoToolError, ToolError};
pub use crate::uri_template::InvalidTemplate;

pub use schemars;
pub use serde;
pub use serde_json;

/// Not public API. Used by generated code.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use schemars;
    pub use serde;

    pub use crate::access::{Principal, Tier};
    pub use crate::call::{
        Answer, Args, ArgumentError, Arguments, CallFn, Context, FromContext, Invocation, NoArguments, State, TextArgument, ToolArgument,
    };
    pub use crate::item::{
        CompletionDef, CompletionValues, Hints, Icon, IntoPromptOutput, IntoResourceOutput, IntoToolOutput, ItemDef, PromptArgument,
        PromptDef, ResourceDef, TaskSupport, ToolDef,
    };
    pub use crate::schema::root as schema_root;
    pub use crate::tool_error::{IntoToolError, ToolError};

    /// The schema of a tool's result, if its type has one.
    pub fn output_schema<T: IntoToolOutput>(settings: schemars::generate::SchemaSettings) -> Option<schemars::Schema> {
        T::output_schema(settings)
    }

    /// A type that a completion may return.
    #[diagnostic::on_unimplemented(
        message = "a completion cannot return `{Self}`",
        label = "this type is not a list of suggestions",
        note = "return a `Vec<String>` or `CompletionValues`"
    )]
    pub trait IntoCompletionValues: Into<CompletionValues> {}

    #[diagnostic::do_not_recommend]
    impl<T: Into<CompletionValues>> IntoCompletionValues for T {}

    /// Passes a future on, if it may move between threads.
    pub fn assert_send<F: Future + Send>(future: F) -> F {
        future
    }
}
