//! Measures MCP servers against each other and against the least a server can do.
//!
//! The servers are separate programs; the benchmarks start them, drive them, read what the kernel says they cost,
//! and stop at the first answer that is wrong, because a fast wrong answer is worth nothing.
//!
//! - [`workload`] says what is asked, [`answer`] whether what came back is right.
//! - [`process`] starts and ends servers, [`contender`] knows which ones there are.
//! - [`driver_http`] and [`driver_stdio`] ask, over the framing that [`http`] reads; [`sampling`] keeps the time.
//! - [`cell`] is one row of the table and [`lifecycle`] what it leaves out; [`stats`] summarises the rounds and
//!   [`report`] prints them beside the [`goals`].
//! - [`floor`] is what both floors answer with.
//! - [`authorization`] is an authorization server that exchanges codes and renews tokens, [`bare_rows`] what it writes and nothing else,
//!   [`bare_http`] that behind a route.
//! - [`issuer`] issues access tokens; [`verifying`] and [`remembering`] measure what becomes of them, and [`callgrind`] counts.

pub mod answer;
pub mod args;
pub mod authorization;
pub mod bare_http;
pub mod bare_rows;
pub mod callgrind;
pub mod cell;
pub mod contender;
pub mod driver_http;
pub mod driver_stdio;
pub mod floor;
pub mod goals;
pub mod http;
pub mod issuer;
pub mod lifecycle;
pub mod process;
pub mod remembering;
pub mod report;
pub mod sampling;
pub mod stats;
pub mod verifying;
pub mod workload;

use std::io;

/// Why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line cannot be understood.
    #[error("{0}")]
    Usage(String),
    /// The operating system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A server sent bytes that do not frame a message.
    #[error("malformed answer: {0}")]
    Framing(String),
    /// A server answered something else than what was asked of it.
    #[error("wrong answer: {why}\n{body}")]
    WrongAnswer {
        /// What is wrong with it.
        why: String,
        /// What the server sent, shortened.
        body: String,
    },
    /// A server stopped answering.
    #[error("{0}")]
    Silent(String),
    /// What was measured is worse than what is promised or was recorded.
    #[error("missed:\n{0}")]
    Missed(String),
    /// Something went wrong with one server in one cell.
    #[error("{place}: {source}\n{stderr}")]
    At {
        /// The cell and the server.
        place: String,
        /// What went wrong there.
        source: Box<Error>,
        /// The end of what the server wrote on stderr.
        stderr: String,
    },
}

/// The result of anything that measures.
pub type Result<T> = std::result::Result<T, Error>;

/// Says what was being done when the system refused.
pub(crate) trait Doing<T> {
    fn doing(self, doing: impl Into<String>) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io { doing: doing.into(), source })
    }
}
