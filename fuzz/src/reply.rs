//! What every answer has to be, whatever was asked.

use mcp_core::{Outcome, Reply};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::Behaviour;

/// One answer, as a client reads it. Members that are repeated do not deserialise.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer<'a> {
    jsonrpc: &'a str,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Error>,
}

#[derive(Debug, Deserialize)]
struct Error {
    code: i32,
    message: String,
    #[serde(default, rename = "data")]
    _data: Option<IgnoredAny>,
}

impl<'a> Answer<'a> {
    /// Reads an answer, which is one line of JSON-RPC.
    pub(crate) fn read(text: &'a [u8]) -> Self {
        let text = one_line(text);
        let answer: Self = serde_json::from_str(text).unwrap_or_else(|error| panic!("the answer cannot be read: {error}: {text}"));
        assert_eq!(answer.jsonrpc, "2.0", "the answer is not JSON-RPC: {text}");
        assert!(answer.result.is_some() != answer.error.is_some(), "the answer is neither or both of result and error: {text}");
        assert!(answer.result.is_none() || answer.id.is_some(), "a result has no id: {text}");
        // -32603 is for what the server's authors did not foresee.
        assert_ne!(answer.code(), Some(-32603), "the server says that it is broken: {text}");
        answer
    }

    pub(crate) fn code(&self) -> Option<i32> {
        Some(self.error.as_ref()?.code)
    }

    pub(crate) fn message(&self) -> &str {
        self.error.as_ref().map_or("", |error| &error.message)
    }

    /// The result as JSON; empty when the answer is an error.
    pub(crate) fn result(&self) -> &str {
        self.result.map_or("", RawValue::get)
    }

    fn behaviour(&self) -> Behaviour {
        // From the first back-tick on, it is the client's own text.
        let message: String =
            self.message().split('`').take(1).flat_map(str::chars).filter(|char| !char.is_ascii_digit()).take(32).collect();
        Behaviour::default().and(self.code()).and(message).and(self.id.is_some()).and(self.result().len().checked_ilog2())
    }
}

/// Checks a reply and says what it was.
pub(crate) fn check(reply: &Reply) -> Behaviour {
    let silent = matches!(reply.outcome, Outcome::Accepted | Outcome::Cancelled);
    assert_eq!(reply.body.is_empty(), silent, "an answer that is due is missing, or one that is not is there: {reply:?}");
    let behaviour = Behaviour::default().and(std::mem::discriminant(&reply.outcome));
    if silent { behaviour } else { check_frame(&reply.body).into_iter().fold(behaviour, Behaviour::and) }
}

/// Checks the body of an answer: one answer, or a batch of them.
fn check_frame(body: &[u8]) -> Vec<Behaviour> {
    if body.first() != Some(&b'[') {
        return vec![Answer::read(body).behaviour()];
    }
    let answers: Vec<&RawValue> = serde_json::from_str(one_line(body)).unwrap_or_else(|error| panic!("the batch cannot be read: {error}"));
    assert!(!answers.is_empty(), "a batch of answers holds none");
    answers.into_iter().map(|answer| Answer::read(answer.get().as_bytes()).behaviour()).collect()
}

/// Checks what a call sent before its answer.
pub(crate) fn check_notification(frame: &[u8]) {
    #[derive(Deserialize)]
    struct Notification<'a> {
        jsonrpc: &'a str,
        method: &'a str,
    }
    let text = one_line(frame);
    let notification: Notification<'_> =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("a notification cannot be read: {error}: {text}"));
    assert!(notification.jsonrpc == "2.0" && !notification.method.is_empty(), "not a notification: {text}");
}

/// The text of a frame, which fits on a line.
fn one_line(frame: &[u8]) -> &str {
    let text = std::str::from_utf8(frame).unwrap_or_else(|error| panic!("not UTF-8: {error}: {}", frame.escape_ascii()));
    assert!(!text.contains(['\n', '\r']), "more than one line: {text:?}");
    text
}
