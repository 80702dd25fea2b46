//! Who may see and use what; each for every caller.
//!
//! The suite also lists everything and calls every tool, resource and prompt as each caller.

use mcp_testkit::{Fixture, call, request};

use super::spec;

const ACCESS: &str = spec!("2025-11-25/basic/authorization#scope-challenge-handling");

pub(super) fn fixtures() -> Vec<Fixture> {
    vec![
        Fixture::new("a scoped tool, then an open one", ACCESS).call(call("1", "execute", "{}")).call(call("2", "add", r#"{"a":1,"b":2}"#)),
        Fixture::new("a scoped tool with bad arguments", ACCESS).call(call("1", "execute", r#"{"x":1}"#)),
        Fixture::new("a tool of two scopes with arguments in an array", ACCESS).call(call("1", "execute_and_write", "[]")),
        Fixture::new("a subscription to a scoped resource", ACCESS)
            .legacy()
            .call(request("1", "resources/subscribe", r#""uri":"secret://notes""#))
            .call(request("2", "resources/unsubscribe", r#""uri":"secret://notes""#)),
        Fixture::new("a subscription to a hidden resource", ACCESS).legacy().call(request(
            "1",
            "resources/subscribe",
            r#""uri":"secret://keys""#,
        )),
        Fixture::new("a completion of a scoped prompt", ACCESS).call(request(
            "1",
            "completion/complete",
            r#""ref":{"type":"ref/prompt","name":"brief"},"argument":{"name":"x","value":""}"#,
        )),
        Fixture::new("refusals side by side", ACCESS).together([
            call("1", "execute", "{}"),
            call("2", "administer", "{}"),
            call("3", "wipe", "{}"),
            call("4", "add", r#"{"a":1,"b":2}"#),
        ]),
    ]
}
