//! MCP tool servers that behave the same over stdio and HTTP.
//!
//! Annotate a function once; it lands in one registry, and the same binary serves it over
//! standard streams and over HTTP: same tools, schemas, results, errors and refusals.
//!
//! ```no_run
//! use mcp_parity::{Server, tool};
//!
//! /// Add two numbers.
//! #[tool(read_only)]
//! async fn add(
//!     /// The first.
//!     a: i64,
//!     /// The second.
//!     b: i64,
//! ) -> String {
//!     (a + b).to_string()
//! }
//!
//! #[tokio::main]
//! async fn main() -> mcp_parity::Result<()> {
//!     Server::linked()?.run().await
//! }
//! ```
//!
//! `my-server` speaks stdio, `my-server http --dev` serves HTTP on loopback, `my-server tools`
//! prints what there is and `my-server check` validates it.

#[cfg(feature = "auth-server")]
mod admin;
#[cfg(feature = "auth-server")]
mod authorization;
mod command;
mod error;
#[cfg(feature = "stdio")]
mod identity;
#[cfg(feature = "log")]
mod log;
mod runtime;
mod server;
mod serving;
#[cfg(feature = "auth")]
mod settings;
#[cfg(any(feature = "stdio", feature = "http"))]
mod signal;

pub use error::{Error, Result};
pub use runtime::TokioRuntime;
pub use server::Server;
#[cfg(any(feature = "stdio", feature = "http"))]
pub use signal::asked_to_stop;

#[cfg(feature = "log")]
pub use log::to_stderr as log_to_stderr;

#[doc(inline)]
pub use mcp_core::{
    Annotations, Answer, Args, Arguments, BoxFuture, Builder, Change, ClientCapability, Completion, CompletionTarget, CompletionValues,
    Connection, Content, Context, Dispatcher, Elicit, Elicited, Exchange, FromContext, Headers, Hints, Icon, Intercept, IntoPromptOutput,
    IntoResourceOutput, IntoToolError, IntoToolOutput, Invocation, Limits, LiveRegistry, LogLevel, NoArguments, Outcome, Outlet, Principal,
    Prompt, PromptArgument, PromptMessage, PromptOutput, Provided, Registry, RegistryError, Reply, Resource, ResourceContents,
    ResourceLink, ResourceOutput, Revision, Role, Root, RpcError, Runtime, Sample, Sampled, SchemaStyle, ScopeSet, SecuritySchemes,
    ServerInfo, State, TaskSupport, Tier, Tool, ToolError, ToolOutput, Transport, code,
};
pub use mcp_core::{schemars, serde, serde_json};

#[cfg(feature = "skills")]
#[doc(inline)]
pub use mcp_core::Skill;

#[doc = include_str!("docs/tool.md")]
pub use mcp_macros::tool_via_facade as tool;

#[doc = include_str!("docs/resource.md")]
pub use mcp_macros::resource_via_facade as resource;

#[doc = include_str!("docs/prompt.md")]
pub use mcp_macros::prompt_via_facade as prompt;

#[doc = include_str!("docs/completion.md")]
pub use mcp_macros::completion_via_facade as completion;

/// Who is calling over HTTP: the seam for identity providers.
#[cfg(feature = "http")]
pub mod auth {
    #[cfg(feature = "auth-server")]
    #[doc(inline)]
    pub use mcp_auth::server;
    #[cfg(feature = "auth")]
    #[doc(inline)]
    pub use mcp_auth::{
        ApiKeys, AuditLog, AuditSink, Cached, ClientAuth, Clock, Development, Fetch, FetchError, FetchPolicy, FirstOf, Gateway,
        GuardedFetcher, Introspection, JwsAlgorithm, JwtIssuer, JwtVerifier, LookUp, Member, Policy, Rate, RateLimits, Role,
        ScopeHierarchy, Settings, SettingsError, TrustedProxies, Userinfo, parse_settings, verify_chain,
    };
    #[doc(inline)]
    pub use mcp_auth::{AuthError, AuthMode, Authenticate, Authenticator, Bearer, Credentials, Resource, VerifyToken};
}

/// Where the authorization server keeps what it knows.
#[cfg(feature = "auth-server")]
#[doc(inline)]
pub use mcp_store as store;

/// Serving over HTTP other than with [`Server::run`](crate::Server::run): as an axum router, a tower service or a listener.
#[cfg(feature = "http")]
pub mod http {
    #[doc(inline)]
    pub use crate::command::address;
    #[cfg(feature = "axum")]
    #[doc(inline)]
    pub use mcp_transport_http::router;
    pub use mcp_transport_http::{Beside, ClientAddress, ConfigError, HttpBody, HttpConfig, HttpService, Listener, PeerAddr};
}

/// Serving over stdio other than with [`Server::run`](crate::Server::run): over any reader and writer.
#[cfg(feature = "stdio")]
pub mod stdio {
    #[doc(inline)]
    pub use mcp_transport_stdio::{Options, StandardError, claim_stdout, serve, serve_stdio, serve_stdio_from, standard_input};
}

/// Not public API. Used by generated code.
#[doc(hidden)]
pub mod __private {
    pub use mcp_core::__private::*;
}
