//! HTTP: Streamable HTTP of every revision, and HTTP+SSE of 2024-11-05.

mod body;
mod encode;
mod events;
mod http_sse;
mod mirror;
mod news;
mod pool;
mod proxy;
mod session;
mod sse;
mod streamable;
mod tls;
mod url;

pub(crate) use http_sse::HttpSse;
pub(crate) use mirror::{Mirrored, mirrored};
#[cfg(feature = "oauth")]
pub(crate) use pool::Pool;
pub use proxy::Proxies;
pub(crate) use session::{Entry, Peer};
pub(crate) use streamable::Streamable;
#[cfg(feature = "oauth")]
pub(crate) use tls::Tls;
pub(crate) use url::Url;
