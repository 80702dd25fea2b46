//! Another MCP server's items in a registry of one's own.
//!
//! A [`Relay`] connects to a server, the upstream, lists what it offers and makes a [`Registry`](mcp_core::Registry) of that: each
//! entry as the upstream wrote it, each call forwarded as it came. Whatever serves registries then serves the upstream, with
//! its scopes, tiers, audit, limits and transports, in every revision.
//!
//! # Who shares a connection
//!
//! Everybody shares one connection to an upstream that speaks a revision without sessions: every request says what its
//! caller can be asked, and questions come back as its answer. Over a pipe, log messages do not say what they are about, so a call that wants
//! some has a connection of its own while it runs.
//!
//! Where the upstream speaks only revisions with sessions, it asks in requests of its own that do not say which call they are about, and what a client
//! can be asked is settled once, at the start. Each caller has a connection there, which for a command is a process: the caller is the
//! session, or else the identity, and then a call during which the upstream could ask has it to itself. So no question
//! reaches anybody but the caller whose call it is about, and what the upstream remembers of one caller no other sees. There is a bound to their number, and idle
//! ones are ended.
//!
//! # When the upstream is gone
//!
//! Calls that were under way fail with one error that says so. Those that come later wait until it is back, for a bounded
//! time, while it is tried again and again. With [`Options::start`] it need not be there at the start either: there are no items until it is.

mod access;
mod ask;
mod connect;
mod desk;
mod failure;
mod forward;
mod identity;
mod keep;
mod lease;
mod location;
mod mirror;
mod parked;
mod reach;
mod relay;
mod request;
mod roots;
mod settings;
mod skills;
mod spelling;
mod ticket;
mod tuned;

pub use connect::Upstream;
pub use identity::Identity;
pub use relay::{Credentials, Ending, Options, Relay, RelayError};
pub use settings::{AccessSettings, RelaySettings};
