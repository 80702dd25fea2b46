//! An MCP client: both eras of the protocol, over stdio and over HTTP.
//!
//! [`Client`] connects, finds out what the server speaks, and offers the same typed calls
//! whatever that is. What the server asks of the user, the model or the file system goes to a
//! [`ClientHandler`].
//!
//! ```no_run
//! use mcp_client::Client;
//!
//! # async fn example() -> mcp_client::Result<()> {
//! let client = Client::connect("http://127.0.0.1:8080/mcp").await?;
//! for tool in client.list_tools().await? {
//!     println!("{}", tool.name);
//! }
//! let sum = client.call_tool("add", &serde_json::json!({"a": 2, "b": 3})).await?;
//! println!("{}", sum.text());
//! client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! Every request can be given its own time-out, hear of progress and be cancelled: see [`Request`].

mod ask;
mod builder;
mod catalog;
mod client;
mod connect;
mod credentials;
mod declared;
mod draft;
mod era;
mod error;
mod flights;
mod forward;
mod handler;
mod http;
mod inner;
mod json;
mod link;
mod list;
mod listen;
mod news;
#[cfg(feature = "oauth")]
pub mod oauth;
mod observe;
mod params;
mod perform;
mod request;
mod round;
mod router;
mod session_task;
mod settings;
mod subscribe;
mod task;
mod types;
mod wire;

pub use mcp_core::{Annotations, Elicited, LogLevel, Revision, Role, Root};

pub use crate::ask::{Elicitation, Sampled, Sampling, SamplingMessage};
pub use crate::builder::Builder;
pub use crate::client::Client;
pub use crate::credentials::{Asked, Challenge, Credentials, Parameters, Pass, Retry, StaticToken};
pub use crate::error::{Error, Result, ServerError};
pub use crate::forward::{AskBack, Forward, Forwarded, Pending, Question};
pub use crate::handler::{ClientHandler, LogMessage, NoHandler, Offers, Progress, Refusal};
pub use crate::http::Proxies;
pub use crate::json::Json;
pub use crate::list::Listed;
pub use crate::listen::{Change, Changes, Filter};
pub use crate::observe::Observer;
pub use crate::request::Request;
pub use crate::settings::{Era, Limits, Timeouts};
pub use crate::task::{Task, TaskStatus};
pub use crate::types::{
    CallResult, Completion, Content, Icon, Meta, Prompt, PromptArgument, PromptMessage, PromptResult, Reference, Resource,
    ResourceContents, ResourceTemplate, Server, ServerInfo, Tool, ToolHints,
};
