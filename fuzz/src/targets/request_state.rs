//! Request states that this server did not seal for this request.

use std::sync::OnceLock;

use mcp_core::Reply;
use serde_json::{Value, json};

use super::edited;
use crate::reply::Answer;
use crate::{Behaviour, fixture, reply};

/// What the call that asks is called with.
const TEXT: &str = "sure?";

/// A call is resumed with the state that was sealed for it, and refused with any other.
pub fn request_state(data: &[u8]) -> Behaviour {
    let sealed = sealed();
    let mut behaviour = Behaviour::default();
    for state in [data.to_vec(), edited(sealed, data)] {
        let Ok(state) = String::from_utf8(state) else { continue };
        for (tool, text) in [("ask", TEXT), ("ask", "another question?"), ("echo", TEXT)] {
            let answered = resume(tool, text, Some(&state));
            behaviour = behaviour.and(reply::check(&answered));
            let answer = Answer::read(&answered.body);
            let resumed = state == sealed && (tool, text) == ("ask", TEXT);
            assert!(resumed == answer.code().is_none(), "`{tool}` of {text:?} with {state:?}: {}", answer.message());
            assert!(resumed || answer.code() == Some(-32602) || answer.message().contains("is larger than"), "{}", answer.message());
            assert!(!resumed || answer.result().contains("\"complete\""), "it was answered and asks again: {}", answer.result());
        }
    }
    behaviour
}

/// The state with which `ask` ends to ask.
fn sealed() -> &'static str {
    static SEALED: OnceLock<String> = OnceLock::new();
    SEALED.get_or_init(|| {
        let asked = resume("ask", TEXT, None);
        let result: Value = serde_json::from_str(Answer::read(&asked.body).result()).expect("it is a result");
        result["requestState"].as_str().expect("the call asks").to_owned()
    })
}

fn resume(tool: &str, text: &str, state: Option<&str>) -> Reply {
    let mut params = json!({"name": tool, "arguments": {"text": text}});
    if let Some(state) = state {
        params["requestState"] = json!(state);
        params["inputResponses"] = json!({"sure": {"action": "accept", "content": {"sure": true}}});
    }
    let answered = fixture::answer(fixture::dispatcher(), &fixture::modern("tools/call", params), &fixture::exchange());
    answered.unwrap_or_else(|_| panic!("{tool} has to wait"))
}
