//! HTTP: Streamable HTTP of every revision, and HTTP+SSE of 2024-11-05.

mod body;
mod encode;
mod events;
mod http_sse;
mod mirror;
mod news;
mod pool;
mod session;
mod sse;
mod streamable;
mod url;

pub(crate) use http_sse::HttpSse;
pub(crate) use mirror::{Mirrored, mirrored};
pub(crate) use session::Peer;
pub(crate) use streamable::Streamable;
pub(crate) use url::Url;
