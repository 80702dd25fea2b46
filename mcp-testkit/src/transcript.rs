//! What was said on a wire.

use std::fmt;

use bytes::Bytes;
use mcp_core::{Outcome, Revision};

use crate::http::Head;
use crate::member;
use crate::opaque::Names;
use crate::wire::Wire;

/// Stands in for a message where a session is ended.
pub(crate) const ENDS_SESSION: &str = "(ends the session)";

/// Stands in for a message where news are listened for.
pub(crate) const LISTENS: &str = "(listens for news)";

/// A conversation as it went on one wire.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The wire.
    pub wire: Wire,
    /// The revision spoken.
    pub revision: Revision,
    /// Each message sent, with what came back for it.
    pub exchanges: Vec<Recorded>,
    /// Frames that belong to no message.
    pub stray: Vec<Bytes>,
    /// Why the conversation broke off, if it did.
    pub failure: Option<String>,
    /// Whether it broke off because nothing came any more.
    pub(crate) silent: bool,
}

/// One message and what came back for it.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The message.
    pub sent: Bytes,
    /// The frames that came back, in order.
    pub frames: Vec<Bytes>,
    /// Status and headers, where there are any.
    pub head: Option<Head>,
    /// Event-stream lines besides `data`.
    pub framing: Vec<String>,
    /// What kind of answer the dispatcher gave, in process.
    pub outcome: Option<Outcome>,
    /// Whether the wire said that nothing more comes.
    pub(crate) ended: bool,
    /// Whether the message has an answer to wait for.
    pub(crate) open: bool,
    /// Whether what was sent later to find out was answered, and this was not.
    pub(crate) passed_over: bool,
    /// Whether a frame that came back is an answer.
    pub(crate) answered: bool,
}

impl Transcript {
    /// A conversation that could not begin.
    pub(crate) fn broken(wire: Wire, revision: Revision, failure: String) -> Self {
        Self { wire, revision, exchanges: Vec::new(), stray: Vec::new(), failure: Some(failure), silent: false }
    }
}

impl Recorded {
    pub(crate) fn is_answered(&self) -> bool {
        self.answered
    }

    pub(crate) fn push(&mut self, frame: Bytes) {
        self.answered |= Shape::of(&frame).is_answer;
        self.frames.push(frame);
    }
}

/// What can be told of a frame without knowing what it is about.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// The id as JSON, if there is one.
    pub(crate) id: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) progress_token: Option<String>,
    pub(crate) subscription: Option<String>,
    /// Whether it is a response, several responses, or a body without an envelope.
    pub(crate) is_answer: bool,
}

impl Shape {
    pub(crate) fn of(frame: &[u8]) -> Self {
        let json = |path: &[&str]| member::member(frame, path).map(str::to_owned);
        Self {
            id: json(&["id"]),
            method: member::text(frame, &["method"]),
            progress_token: json(&["params", "progressToken"]),
            subscription: json(&["params", "_meta", "io.modelcontextprotocol/subscriptionId"]),
            is_answer: member::member(frame, &["method"]).is_none(),
        }
    }
}

impl fmt::Display for Transcript {
    /// One line a message: `>` was sent, `<` came back, `-` says that nothing did; what transports add is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Names::default();
        for exchange in &self.exchanges {
            writeln!(f, "> {}", names.hide(&shown(&exchange.sent)))?;
            for frame in &exchange.frames {
                writeln!(f, "< {}", names.hide(&shown(frame)))?;
            }
            if exchange.passed_over {
                writeln!(f, "- nothing, though what was asked after it was answered")?;
            }
        }
        for frame in &self.stray {
            writeln!(f, "? {}", names.hide(&shown(frame)))?;
        }
        if let Some(failure) = &self.failure {
            writeln!(f, "! {failure}")?;
        }
        Ok(())
    }
}

/// The bytes of a frame as text, shortened where nobody would read them.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 4_000;
    let text: String = bytes
        .utf8_chunks()
        .flat_map(|chunk| {
            let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
            [chunk.valid().to_owned(), invalid]
        })
        .collect();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{} … ({} bytes in all)", &text[..at], bytes.len()),
        None => text,
    }
}
