//! Cursors that this server did not issue.

use std::sync::OnceLock;

use mcp_core::Reply;
use serde_json::{Value, json};

use super::edited;
use crate::reply::Answer;
use crate::{Behaviour, fixture, reply};

/// A cursor is followed if the server issued it for this list, and refused otherwise.
pub fn cursors(data: &[u8]) -> Behaviour {
    let issued = issued();
    let mut behaviour = Behaviour::default();
    for cursor in [data.to_vec(), edited(issued, data)] {
        let Ok(cursor) = String::from_utf8(cursor) else { continue };
        for method in ["tools/list", "resources/list", "resources/templates/list", "prompts/list"] {
            let answered = list(method, Some(&cursor));
            behaviour = behaviour.and(reply::check(&answered));
            let answer = Answer::read(&answered.body);
            let followed = cursor == issued && method == "tools/list";
            assert!(followed == answer.code().is_none(), "{method} with {cursor:?}: {}", answer.message());
            assert!(
                followed || answer.code() == Some(-32602) || answer.message().contains("is larger than"),
                "{method}: {}",
                answer.message()
            );
        }
    }
    behaviour
}

/// A cursor to the second page of `tools/list`.
fn issued() -> &'static str {
    static ISSUED: OnceLock<String> = OnceLock::new();
    ISSUED.get_or_init(|| {
        let first = list("tools/list", None);
        let page: Value = serde_json::from_str(Answer::read(&first.body).result()).expect("it is a result");
        page["nextCursor"].as_str().expect("there is a second page").to_owned()
    })
}

fn list(method: &str, cursor: Option<&str>) -> Reply {
    let params = cursor.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
    let answered = fixture::answer(fixture::dispatcher(), &fixture::modern(method, params), &fixture::exchange());
    answered.unwrap_or_else(|_| panic!("{method} has to wait"))
}
