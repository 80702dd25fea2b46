//! Comparing a transcript with the reference, byte for byte.

use std::fmt;

use bytes::Bytes;
use mcp_core::{Outcome, Revision};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::allowed::{self, EVENT_LINES, HEADERS};
use crate::caller::Caller;
use crate::fixture::Fixture;
use crate::opaque::Names;
use crate::transcript::{ENDS_SESSION, LISTENS, Recorded, Shape, Transcript, shown};
use crate::wire::Wire;

/// The first place where two wires differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The fixture.
    pub fixture: String,
    /// The passage it follows from.
    pub spec: &'static str,
    /// The revision spoken.
    pub revision: Revision,
    /// The caller.
    pub caller: String,
    /// The reference.
    pub reference: Wire,
    /// The wire that differs from it.
    pub wire: Wire,
    /// The message after which they differ.
    pub sent: String,
    /// What differs.
    pub what: What,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A frame: its number, and both versions.
    Frame {
        /// The place of the frame among those of the exchange, from 1.
        number: usize,
        /// What the reference has, if it has one.
        expected: Option<String>,
        /// What the wire has, if it has one.
        found: Option<String>,
    },
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "`{}`: {} differs from {}, in {} as {}", self.fixture, self.wire, self.reference, self.revision, self.caller)?;
        writeln!(f, "  see     {}", self.spec)?;
        writeln!(f, "  after   {}", self.sent)?;
        match &self.what {
            What::Frame { number, expected, found } => {
                let (expected, found) = (expected.as_deref().unwrap_or("(nothing)"), found.as_deref().unwrap_or("(nothing)"));
                let at = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
                let column = expected.char_indices().take_while(|(byte, _)| *byte < at).count();
                writeln!(f, "  frame {number}, from byte {at}:")?;
                writeln!(f, "  {:<22} {expected}", self.reference)?;
                writeln!(f, "  {:<22} {found}", self.wire)?;
                write!(f, "  {:<22} {:>width$}", "", "^", width = column + 1)
            }
            What::Other(what) => write!(f, "  {what}"),
        }
    }
}

/// Compares a transcript with the reference, and its statuses with the outcomes in process with headers.
pub(crate) fn compare(
    fixture: &Fixture,
    caller: &Caller,
    reference: &Transcript,
    other: &Transcript,
    with_headers: Option<&Transcript>,
) -> Option<Difference> {
    let differs = |sent: &Bytes, what| {
        Some(Difference {
            fixture: fixture.name().to_owned(),
            spec: fixture.spec,
            revision: other.revision,
            caller: caller.label().to_owned(),
            reference: reference.wire,
            wire: other.wire,
            sent: shortened(&shown(sent)),
            what,
        })
    };
    let nothing = Bytes::new();
    if let Some(failure) = &reference.failure {
        return differs(&nothing, What::Other(format!("the reference failed: {failure}\n{reference}")));
    }
    // The plain adapter has no last check that the connection lives.
    let counted = reference.exchanges.len() - usize::from(other.wire == Wire::Plain);
    let expected = &reference.exchanges[..counted];
    let (mut theirs, mut ours) = (Names::default(), Names::default());
    for (number, expected) in expected.iter().enumerate() {
        let Some(found) = other.exchanges.get(number) else { break };
        let adapted = adapt(expected, other.wire);
        // What was sent may hold tokens too; both sides name them in the order they are seen.
        theirs.hide(&shown_whole(&expected.sent));
        ours.hide(&shown_whole(&found.sent));
        for frame in 0..adapted.len().max(found.frames.len()) {
            let left = adapted.get(frame).map(|frame| theirs.hide(&shown_whole(frame)));
            let right = found.frames.get(frame).map(|frame| ours.hide(&shown_whole(frame)));
            if left != right {
                return differs(&found.sent, What::Frame { number: frame + 1, expected: left, found: right });
            }
        }
        let outcome = with_headers.and_then(|transcript| transcript.exchanges.get(number)?.outcome.as_ref());
        if let Some(what) = not_allowed(found, other.wire, outcome) {
            return differs(&found.sent, What::Other(what));
        }
    }
    if let Some(failure) = &other.failure {
        let last = other.exchanges.last().map_or(&nothing, |exchange| &exchange.sent);
        return differs(last, What::Other(failure.clone()));
    }
    if reference.stray.len() + other.stray.len() > 0 {
        let stray: Vec<String> = reference.stray.iter().chain(&other.stray).map(|frame| shown(frame)).collect();
        return differs(&nothing, What::Other(format!("frames belong to no message: {}", stray.join("\n"))));
    }
    (expected.len() != other.exchanges.len())
        .then(|| differs(&nothing, What::Other("the conversations have different lengths".to_owned())))
        .flatten()
}

fn shown_whole(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => shown(bytes),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(500) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text.to_owned(),
    }
}

/// The frames of the reference as a wire may carry them.
fn adapt(expected: &Recorded, wire: Wire) -> Vec<Bytes> {
    let silent = allowed::SILENT.iter().any(|(silent, _)| *silent == wire);
    let frames = expected.frames.iter().filter(|frame| !silent || Shape::of(frame).is_answer);
    frames.map(|frame| if wire == Wire::Plain { without_envelope(frame) } else { frame.clone() }).collect()
}

/// A response as the plain adapter has it: the bare result, or an object with the error. Arguments
/// that do not fit, which newer revisions report in a result, are an error there: the same words.
fn without_envelope(frame: &Bytes) -> Bytes {
    #[derive(Deserialize)]
    struct Response<'a> {
        #[serde(borrow)]
        result: Option<&'a RawValue>,
        #[serde(borrow)]
        error: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Failed<'a> {
        #[serde(rename = "isError")]
        is_error: bool,
        #[serde(borrow)]
        content: Vec<Text<'a>>,
    }
    #[derive(Deserialize)]
    struct Text<'a> {
        #[serde(borrow)]
        text: &'a RawValue,
    }
    let Ok(response) = serde_json::from_slice::<Response<'_>>(frame) else { return frame.clone() };
    let body = match (response.result, response.error) {
        (Some(result), _) => {
            let failed = serde_json::from_str::<Failed<'_>>(result.get()).ok().filter(|failed| failed.is_error);
            match failed.as_ref().and_then(|failed| failed.content.first()) {
                Some(Text { text }) if text.get().starts_with("\"invalid arguments for tool ") => {
                    format!(r#"{{"error":{{"code":-32602,"message":{}}}}}"#, text.get())
                }
                _ => result.get().to_owned(),
            }
        }
        (None, Some(error)) => format!(r#"{{"error":{}}}"#, error.get()),
        (None, None) => return frame.clone(),
    };
    body.into()
}

/// What a transport added that it may not.
fn not_allowed(found: &Recorded, wire: Wire, outcome: Option<&Outcome>) -> Option<String> {
    for line in &found.framing {
        if !EVENT_LINES.iter().any(|allowed| line.starts_with(allowed.name)) {
            return Some(format!("no rule allows the event-stream line `{line}`"));
        }
    }
    let head = found.head.as_ref()?;
    for (name, _) in &head.headers {
        if !HEADERS.iter().any(|allowed| allowed.name.eq_ignore_ascii_case(name)) {
            return Some(format!("no rule allows the header `{name}`"));
        }
    }
    let kind = head.header("content-type");
    let answered = outcome == Some(&Outcome::Answered) && !found.frames.is_empty();
    if wire == Wire::HttpEvents && answered && kind != Some("text/event-stream") {
        return Some(format!("a client that takes event streams only was answered with {}", kind.unwrap_or("nothing")));
    }
    if wire == Wire::HttpJson && kind == Some("text/event-stream") && found.sent != LISTENS {
        return Some("a client that takes JSON only was answered with a stream of events".to_owned());
    }
    if kind == Some("text/event-stream") {
        return (head.status != 200).then(|| format!("a stream of events has the status {}", head.status));
    }
    if wire == Wire::HttpSse {
        // What is not refused is answered on the stream.
        return (kind.is_none() && head.status != 202).then(|| format!("a message that was taken has the status {}", head.status));
    }
    if kind.is_some() == found.frames.is_empty() || kind.is_some_and(|kind| kind != "application/json") {
        return Some(format!("{} frames came as {}", found.frames.len(), kind.unwrap_or("nothing")));
    }
    let outcome = outcome.filter(|_| wire.is_streamable())?;
    let ended = *outcome == Outcome::Accepted && found.sent == ENDS_SESSION;
    let wanted = if ended { allowed::SESSION_ENDED } else { allowed::status(outcome) };
    (head.status != wanted).then(|| format!("the status is {}; {outcome:?} is {wanted}", head.status))
}
