//! Comparing two conversations of a server whose insides nobody knows.

use bytes::Bytes;

use super::meaning::meaning;
use crate::opaque::Names;
use crate::transcript::{Recorded, Shape, Transcript, shown};

/// Over HTTP, a server may send these on a stream that nobody has to open.
const LOG: &str = "notifications/message";

/// Where two conversations differ first, in words; `None` if they say the same.
///
/// Frames are compared as JSON, in which members have no order, but for what is [random by design](crate::OPAQUE).
/// Whether a message is answered counts, and whether the connection outlives it; statuses and headers do not, and neither
/// do log messages.
pub(super) fn difference(reference: &Transcript, other: &Transcript) -> Option<String> {
    let silent = reference.wire.drops_notifications() || other.wire.drops_notifications();
    let (mut theirs, mut ours) = (Names::default(), Names::default());
    for (left, right) in reference.exchanges.iter().zip(&other.exchanges) {
        theirs.hide(&shown(&left.sent));
        ours.hide(&shown(&right.sent));
        let expected = frames(left, silent, &mut theirs);
        let found = frames(right, silent, &mut ours);
        if expected != found {
            return Some(format!("after {}", brief(&left.sent)));
        }
    }
    // Where one side breaks off, the other went on, unless both have nothing to say to the same message.
    match (&reference.failure, &other.failure) {
        (None, None) => None,
        (Some(_), Some(_)) if reference.exchanges.len() == other.exchanges.len() && reference.silent == other.silent => None,
        (Some(failure), _) if reference.exchanges.len() <= other.exchanges.len() => broke_off(reference, failure, other),
        (_, Some(failure)) => broke_off(other, failure, reference),
        (Some(failure), None) => Some(failure.clone()),
    }
}

fn broke_off(shorter: &Transcript, failure: &str, longer: &Transcript) -> Option<String> {
    let last = shorter.exchanges.len().checked_sub(1).and_then(|last| longer.exchanges.get(last));
    let also_silent = shorter.silent && last.is_some_and(|exchange| exchange.frames.is_empty());
    (!also_silent).then(|| failure.to_owned())
}

fn frames(exchange: &Recorded, only_answers: bool, names: &mut Names) -> Vec<String> {
    let counts = |frame: &&Bytes| {
        let shape = Shape::of(frame);
        shape.is_answer || !(only_answers || shape.method.as_deref() == Some(LOG))
    };
    let frames = exchange.frames.iter().filter(counts);
    frames.map(|frame| names.hide(&meaning(&String::from_utf8_lossy(frame)))).collect()
}

fn brief(sent: &Bytes) -> String {
    let text = shown(sent);
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use mcp_core::Revision;

    use super::*;
    use crate::wire::Wire;

    /// A conversation: what came back for each message, and whether it broke off, in silence or otherwise.
    fn conversation(wire: Wire, answers: &[&[&'static str]], broke_off: Option<bool>) -> Transcript {
        let exchange = |frames: &&[&'static str]| Recorded {
            sent: Bytes::from_static(b"{}"),
            frames: frames.iter().map(|frame| Bytes::from_static(frame.as_bytes())).collect(),
            ..Recorded::default()
        };
        Transcript {
            wire,
            revision: Revision::LATEST,
            exchanges: answers.iter().map(exchange).collect(),
            stray: Vec::new(),
            failure: broke_off.map(|_| "it broke off".to_owned()),
            silent: broke_off == Some(true),
        }
    }

    #[test]
    fn what_is_said_counts_and_who_is_silent() {
        const A: &[&str] = &[r#"{"id":1,"result":{}}"#];
        const SAME: &[&str] = &[r#"{"result":{ },"id":1}"#];
        const B: &[&str] = &[r#"{"id":1,"result":{"a":1}}"#];
        const TOLD: &[&str] = &[r#"{"method":"notifications/x"}"#, r#"{"id":1,"result":{}}"#];
        const LOGGED: &[&str] = &[r#"{"method":"notifications/message"}"#, r#"{"id":1,"result":{}}"#];
        const NOTHING: &[&str] = &[];
        for (left, right, same) in [
            (conversation(Wire::Stdio, &[A, A], None), conversation(Wire::Http, &[A, A], None), true),
            (conversation(Wire::Stdio, &[A], None), conversation(Wire::Http, &[SAME], None), true),
            (conversation(Wire::Stdio, &[A], None), conversation(Wire::Http, &[B], None), false),
            (conversation(Wire::Http, &[TOLD], None), conversation(Wire::HttpEvents, &[A], None), false),
            (conversation(Wire::Http, &[TOLD], None), conversation(Wire::HttpJson, &[A], None), true),
            (conversation(Wire::Stdio, &[LOGGED], None), conversation(Wire::Http, &[A], None), true),
            // One says nothing to a message, and so says the other, which can tell that nothing comes.
            (conversation(Wire::Stdio, &[A, NOTHING], Some(true)), conversation(Wire::Http, &[A, NOTHING, A], None), true),
            (conversation(Wire::Stdio, &[A, NOTHING], Some(true)), conversation(Wire::Http, &[A, A, A], None), false),
            // One does not survive the message.
            (conversation(Wire::Stdio, &[A, NOTHING], Some(false)), conversation(Wire::Http, &[A, NOTHING, A], None), false),
            (conversation(Wire::Stdio, &[A], Some(false)), conversation(Wire::Http, &[A], Some(false)), true),
        ] {
            assert_eq!(difference(&left, &right).is_none(), same, "{left}\n{right}");
            assert_eq!(difference(&right, &left).is_none(), same, "{right}\n{left}");
        }
    }
}
