//! What a transport may add to the frames it carries, and what it may leave out. Nothing else.

use mcp_core::Outcome;

use crate::wire::Wire;

/// Something a transport adds.
#[derive(Clone, Copy, Debug)]
pub struct Addition {
    /// A header's name in lower case, or how a line of an event stream begins.
    pub name: &'static str,
    /// What it is for.
    pub reason: &'static str,
}

const fn adds(name: &'static str, reason: &'static str) -> Addition {
    Addition { name, reason }
}

/// Headers that a response over HTTP may have.
pub const HEADERS: &[Addition] = &[
    adds("content-type", "whether the body is JSON or a stream of events"),
    adds("content-length", "framing (RFC 9112, section 6)"),
    adds("transfer-encoding", "framing (RFC 9112, section 6)"),
    adds("connection", "whether the connection stays open (RFC 9112, section 9)"),
    adds("date", "when the response was made (RFC 9110, section 6.6.1)"),
    adds("cache-control", "keeps caches from storing a stream"),
    adds("x-accel-buffering", "has reverse proxies pass events on at once"),
    adds("allow", "the methods there are, beside 405 (RFC 9110, section 15.5.6)"),
    adds("retry-after", "when to try again, beside 429 and 503 (RFC 9110, section 10.2.3)"),
    adds("www-authenticate", "the challenge, beside 401 and 403 (RFC 6750, section 3)"),
    adds("mcp-session-id", "names the session that was opened (2025-11-25, basic/transports, \"Session Management\")"),
];

/// How lines of an event stream besides `data` may begin.
pub const EVENT_LINES: &[Addition] = &[
    adds("event: message", "the kind of event that carries a frame"),
    adds("event: endpoint", "where to post (2024-11-05, basic/transports, \"HTTP with SSE\")"),
    adds("id: ", "where to resume (2025-11-25, basic/transports, \"Resumability and Redelivery\")"),
    adds("retry: ", "when to resume (2025-11-25, basic/transports)"),
    adds(": ", "a comment, which opens a stream or keeps it alive"),
];

/// Wires on which notifications before an answer are left out, and why.
pub const SILENT: &[(Wire, &str)] =
    &[(Wire::HttpJson, "the client takes one JSON body, which is the answer"), (Wire::Plain, "one JSON body, which is the answer")];

/// News of changes that no message asked for, and why they are left out unless a fixture listens:
/// a connection brings them by itself, over Streamable HTTP they have a stream that has to be opened
/// (2025-11-25, basic/transports, "Listening for Messages from the Server").
pub const UNHEARD: &[&str] = &["notifications/…/list_changed", "notifications/resources/updated"];

/// The status that says that a session was ended, which only Streamable HTTP is asked to do.
pub const SESSION_ENDED: u16 = 204;

/// The status that says the same as an outcome.
pub fn status(outcome: &Outcome) -> u16 {
    match outcome {
        Outcome::Answered | Outcome::Opened { .. } => 200,
        Outcome::Accepted | Outcome::Cancelled => 202,
        Outcome::Malformed | Outcome::InvalidArguments => 400,
        Outcome::Unauthenticated(_) => 401,
        Outcome::Forbidden(_) => 403,
        Outcome::UnknownMethod | Outcome::UnknownSession | Outcome::UnknownItem => 404,
        Outcome::TooLarge => 413,
        Outcome::Busy { .. } => 429,
        Outcome::Failed => 500,
    }
}
