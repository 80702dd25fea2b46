//! How to find out that a message has no answer, where the wire does not say so.
//!
//! A server that passes over what is no message, or answers it, does so before it takes what comes next. So a request whose answer is
//! certain is sent next, and when that has been answered another one, for servers that answer in any order: what has not come by then
//! does not come. That is sooner known than by waiting, and does not depend on how busy the machine is.

use mcp_core::Revision;

use crate::member;
use crate::transcript::Shape;

/// How many questions are asked, one after the other.
pub(crate) const QUESTIONS: usize = 2;
/// How their ids begin.
const ID: &str = "still there ";

/// A request that is answered whatever was said before.
pub(crate) fn question(revision: Revision) -> &'static str {
    if revision.is_modern() { "server/discover" } else { "ping" }
}

/// The id of a question, as JSON.
pub(crate) fn id(number: usize) -> String {
    format!("\"{ID}{number}\"")
}

/// Whether a frame answers a question.
pub(crate) fn is_reply(frame: &[u8]) -> bool {
    let shape = Shape::of(frame);
    shape.is_answer && shape.id.is_some_and(|id| id.trim_start_matches('"').starts_with(ID))
}

/// Whether a server has to answer these bytes: a request as the schema has it, or a batch where there are batches. It may take its time.
pub(crate) fn has_an_answer(sent: &[u8], revision: Revision) -> bool {
    if revision.has_batches() && sent.trim_ascii_start().first() == Some(&b'[') {
        return true;
    }
    let is_object = |path: &[&str]| member::member(sent, path).is_none_or(|value| value.starts_with('{'));
    let is_id = |id: &str| id.starts_with('"') || id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    member::text(sent, &["jsonrpc"]).as_deref() == Some("2.0")
        && member::text(sent, &["method"]).is_some()
        && member::member(sent, &["id"]).is_some_and(is_id)
        && is_object(&["params"])
        && is_object(&["params", "_meta"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_waited_for_and_nothing_else() {
        for (sent, in_batches, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, false, true),
            (r#"{"jsonrpc":"2.0","id":"a","method":"x","params":{"_meta":{}}}"#, false, true),
            (r#"{"jsonrpc":"2.0","id":-1,"method":"x","params":{}}"#, false, true),
            ("{", false, false),
            (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, false, false),
            (r#"{"jsonrpc":"2.0","id":1.0,"method":"ping"}"#, false, false),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, false, false),
            (r#"{"jsonrpc":"2.0","method":"ping"}"#, false, false),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, false, false),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[]}}"#, false, false),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, false, false),
            (r#" [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, false, false),
            (r#" [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, true, true),
        ] {
            let revision = if in_batches { Revision::V2025_03_26 } else { Revision::V2025_06_18 };
            assert_eq!(has_an_answer(sent.as_bytes(), revision), expected, "{sent}");
        }
    }

    #[test]
    fn replies_are_known_by_their_ids() {
        for (frame, expected) in [
            (format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, id(2)), true),
            (format!(r#"{{"error":{{"code":-32601,"message":"x"}},"id":{}}}"#, id(1)), true),
            (format!(r#"{{"jsonrpc":"2.0","id":{},"method":"roots/list"}}"#, id(1)), false),
            (r#"{"jsonrpc":"2.0","id":"alive","result":{}}"#.to_owned(), false),
            ("[]".to_owned(), false),
        ] {
            assert_eq!(is_reply(frame.as_bytes()), expected, "{frame}");
        }
    }
}
