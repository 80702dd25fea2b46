//! Tools that ask back: on the stream where there are sessions, by repeating the request where there are none.

use mcp_core::Revision;
use mcp_testkit::{Fixture, Wire, call, request, text};

use super::spec;

const ELICITATION: &str = spec!("2025-11-25/client/elicitation");
const ROUNDS: &str = spec!("2026-07-28/basic/patterns/mrtr");
const FORMS: &str = r#""elicitation":{}"#;
const NO_STREAM: &str = "a client that takes one JSON body cannot be asked on the way to it";

fn answer(result: &str) -> mcp_testkit::Message {
    text(format!(r#"{{"jsonrpc":"2.0","id":$question,"result":{result}}}"#))
}

fn again(id: &'static str, tool: &str, responses: &str) -> mcp_testkit::Message {
    request(id, "tools/call", format!(r#""name":"{tool}","arguments":{{}},"inputResponses":{responses},"requestState":"$requestState""#))
}

/// What a client answers: a name and the result.
const ANSWERS: &[(&str, &str)] = &[
    ("accepted", r#"{"action":"accept","content":{"sure":true}}"#),
    ("declined", r#"{"action":"decline"}"#),
    ("cancelled", r#"{"action":"cancel"}"#),
    ("answered with something else", r#"{"action":"accept","content":{"sure":"maybe"}}"#),
    ("answered with an unknown action", r#"{"action":"shrug"}"#),
    ("answered without content", r#"{"action":"accept"}"#),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut fixtures = vec![
        Fixture::new("a question to a client that cannot be asked", ELICITATION).call(call("1", "asks", "{}")),
        Fixture::new("two questions to a client that cannot be asked", ELICITATION).call(call("1", "asks_twice", "{}")),
    ];
    for &(name, result) in ANSWERS {
        fixtures.push(
            Fixture::new(format!("a question on the stream, {name}"), ELICITATION)
                .only(|revision| revision.has_elicitation() && !revision.is_modern())
                .capabilities(FORMS)
                .except(&[Wire::HttpJson], NO_STREAM)
                .start(call("1", "asks", "{}"), 1)
                .tell(answer(result))
                .finish("1"),
        );
        fixtures.push(
            Fixture::new(format!("a question in a result, {name}"), ROUNDS)
                .modern()
                .capabilities(FORMS)
                .call(call("1", "asks", "{}"))
                .call(again("2", "asks", &format!(r#"{{"elicitation-create-1":{result}}}"#))),
        );
    }
    let refused = text(r#"{"jsonrpc":"2.0","id":$question,"error":{"code":-1,"message":"not now"}}"#);
    let sessions = |revision: Revision| revision.has_elicitation() && !revision.is_modern();
    fixtures.extend([
        Fixture::new("a question that the client refuses", ELICITATION)
            .only(sessions)
            .capabilities(FORMS)
            .except(&[Wire::HttpJson], NO_STREAM)
            .start(call("1", "asks", "{}"), 1)
            .tell(refused)
            .finish("1"),
        Fixture::new("two questions on the stream", ELICITATION)
            .only(sessions)
            .capabilities(FORMS)
            .except(&[Wire::HttpJson], NO_STREAM)
            .start(call("1", "asks_twice", "{}"), 1)
            .tell(answer(r#"{"action":"accept","content":{"sure":true}}"#))
            .frames("1", 2)
            .tell(answer(r#"{"action":"decline"}"#))
            .finish("1"),
        Fixture::new("a question whose call is cancelled", ELICITATION)
            .only(sessions)
            .capabilities(FORMS)
            .except(&[Wire::HttpJson], NO_STREAM)
            .start(call("1", "asks", "{}"), 1)
            .tell(text(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#))
            .gone("1")
            .tell(answer(r#"{"action":"decline"}"#)),
    ]);
    fixtures.extend(rounds());
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}

/// Requests that are repeated with answers, honestly or not.
fn rounds() -> Vec<Fixture> {
    let accepted = r#"{"elicitation-create-1":{"action":"accept","content":{"sure":true}}}"#;
    let opened = |name: &'static str| Fixture::new(name, ROUNDS).modern().capabilities(FORMS).call(call("1", "asks", "{}"));
    let with_state = |state: &str| {
        request("2", "tools/call", format!(r#""name":"asks","arguments":{{}},"inputResponses":{accepted},"requestState":{state}"#))
    };
    vec![
        Fixture::new("two questions in results", ROUNDS)
            .modern()
            .capabilities(FORMS)
            .call(call("1", "asks_twice", "{}"))
            .call(again("2", "asks_twice", accepted))
            .call(again("3", "asks_twice", r#"{"elicitation-create-2":{"action":"decline"}}"#)),
        opened("a request state with a character added").call(with_state("\"$requestStateA\"")),
        opened("a request state that was made up").call(with_state("\"abc\"")),
        opened("an empty request state").call(with_state("\"\"")),
        opened("a request state that is a number").call(with_state("7")),
        opened("no request state").call(request(
            "2",
            "tools/call",
            format!(r#""name":"asks","arguments":{{}},"inputResponses":{accepted}"#),
        )),
        opened("a request state of another tool").call(again("2", "asks_twice", accepted)),
        opened("a request state of other arguments").call(request(
            "2",
            "tools/call",
            format!(r#""name":"asks","arguments":{{"x":1}},"inputResponses":{accepted},"requestState":"$requestState""#),
        )),
        opened("an answer to a question that was not asked").call(again("2", "asks", r#"{"other":{"action":"decline"}}"#)),
        opened("answers in an array, on a second round").call(again("2", "asks", "[]")),
        opened("a request state used twice").call(again("2", "asks", accepted)).call(again("3", "asks", accepted)),
        opened("somebody else's request state")
            .with_headers("a connection belongs to one caller")
            .call(again("2", "asks", accepted).from_another()),
    ]
}
