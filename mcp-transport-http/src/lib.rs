//! The HTTP transports: Streamable HTTP of every revision, HTTP+SSE of 2024-11-05, and a
//! plain-HTTP adapter, all over one dispatcher.
//!
//! This crate parses no JSON. It reads bounded bodies, hands them to the dispatcher with the
//! request's headers, and frames the finished replies. [`HttpService`] is the whole of it as a
//! tower service; `router`, behind the feature `axum`, wraps that for axum, and [`Listener`] serves it.

mod beside;
mod body;
mod config;
mod cors;
mod endpoint;
mod guard;
mod http_sse;
mod listener;
mod metadata;
mod patience;
mod plain;
mod request;
mod resume;
#[cfg(feature = "axum")]
mod router;
mod service;
mod sse;
mod status;

pub use body::HttpBody;
pub use config::{Beside, ClientAddress, ConfigError, HttpConfig};
pub use listener::Listener;
pub use request::PeerAddr;
#[cfg(feature = "axum")]
pub use router::router;
pub use service::HttpService;
