//! Proves that an mcp-parity server answers the same bytes on every transport.
//!
//! [`parity_test!`] holds the same conversations with a server in process, over stdio (with a real
//! child process), Streamable HTTP, HTTP+SSE and the plain-HTTP adapter, in every protocol revision
//! and for several callers, and compares the transcripts byte for byte. What a transport may add is
//! stated as data in [`allowed`], what is random by design in [`OPAQUE`]; nothing else may differ.
//!
//! With the feature `auth` there is also what tests of logins and authorization servers need: a `Browser` without script,
//! a `Mailbox`, a `VirtualClock`, a `DocumentHost`, an `IdentityProvider` and a `Canary` that finds secrets where they should not be.

#[macro_use]
mod macros;

mod automatic;
mod caller;
#[cfg(feature = "auth")]
mod canary;
mod child;
mod compare;
mod compose;
mod fixture;
mod front;
mod manifest;
mod member;
mod opaque;
mod play;
mod report;
mod silence;
mod suite;
mod tamper;
mod transcript;
mod wire;

#[cfg(feature = "auth")]
mod document_host;
#[cfg(feature = "auth")]
mod identity_provider;
#[cfg(feature = "auth")]
mod loopback;
#[cfg(feature = "auth")]
mod mailbox;
#[cfg(feature = "auth")]
mod virtual_clock;

pub mod allowed;
pub mod black_box;
#[cfg(feature = "auth")]
pub mod browser;
pub mod http;

pub use caller::{Caller, anonymous, local, local_with, principal, scopes, service};
#[cfg(feature = "auth")]
pub use canary::{Canary, Leak, LogCapture};
pub use child::{Child, asks_to_serve, serve_if_asked};
pub use compare::{Difference, What};
#[cfg(feature = "auth")]
pub use document_host::DocumentHost;
pub use fixture::{Exception, Fixture, Message, call, raw, request, text};
pub use front::{Behind, Front, Listening};
#[cfg(feature = "auth")]
pub use identity_provider::{IdentityProvider, Misbehaviour, User};
#[cfg(feature = "auth")]
pub use loopback::{Asked, Document, Loopback};
pub use macros::{IntoServer, assert_parity};
#[cfg(feature = "auth")]
pub use mailbox::{HangUp, Mail, Mailbox};
pub use manifest::{groups, protocol};
pub use opaque::{Kind, OPAQUE, Opaque};
pub use report::Report;
pub use suite::Suite;
pub use tamper::Rewrite;
pub use transcript::{Recorded, Transcript};
#[cfg(feature = "auth")]
pub use virtual_clock::VirtualClock;
pub use wire::Wire;
