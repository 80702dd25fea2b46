//! Calls that take their time: progress, logs, cancellation, concurrency.

use mcp_core::Revision;
use mcp_testkit::{Fixture, Wire, call, request, text};

use super::spec;

const PROGRESS: &str = spec!("2025-11-25/basic/utilities/progress");
const LOGGING: &str = spec!("2025-11-25/server/utilities/logging");
const CANCELLATION: &str = spec!("2025-11-25/basic/utilities/cancellation");
const IDS: &str = spec!("2026-07-28/basic#requests");

fn cancelled(id: &str) -> mcp_testkit::Message {
    text(format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id},"reason":"enough"}}}}"#))
}

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut fixtures = vec![
        Fixture::new("progress", PROGRESS).call(call("1", "progresses", r#"{"steps":3}"#).progress("\"p\"")),
        Fixture::new("progress under a number", PROGRESS).call(call("1", "progresses", r#"{"steps":3}"#).progress("0")),
        Fixture::new("progress nobody asked for", PROGRESS).call(call("1", "progresses", r#"{"steps":3}"#)),
        Fixture::new("more progress than is buffered", PROGRESS).call(call("1", "progresses", r#"{"steps":500}"#).progress("\"p\"")),
        Fixture::new("progress of a call that ends badly", PROGRESS).call(call("1", "progresses", r#"{"steps":-1}"#).progress("\"p\"")),
        Fixture::new("logs at a level", LOGGING)
            .legacy()
            .call(request("1", "logging/setLevel", r#""level":"info""#))
            .call(call("2", "logs", "{}")),
        Fixture::new("logs at another level", LOGGING)
            .legacy()
            .call(request("1", "logging/setLevel", r#""level":"debug""#))
            .call(call("2", "logs", "{}"))
            .call(request("3", "logging/setLevel", r#""level":"emergency""#))
            .call(call("4", "logs", "{}")),
        Fixture::new("logs nobody asked for", LOGGING).call(call("1", "logs", "{}")),
        Fixture::new("logs that one request asks for", spec!("2026-07-28/server/utilities/logging"))
            .modern()
            .call(call("1", "logs", "{}").log("warning"))
            .call(call("2", "logs", "{}")),
        Fixture::new("a call that is cancelled", CANCELLATION)
            .start(call("1", "waits", r#"{"ms":60000}"#).progress("\"p\""), 1)
            .tell(cancelled("1"))
            .gone("1")
            .call(call("2", "witnessed", "{}")),
        Fixture::new("a call with a text for an id that is cancelled", CANCELLATION)
            .start(call("\"a\"", "waits", r#"{"ms":60000}"#).progress("\"p\""), 1)
            .tell(cancelled("\"a\""))
            .gone("\"a\"")
            .call(call("2", "witnessed", "{}")),
        Fixture::new("a call whose id is cancelled as another type", CANCELLATION)
            .start(call("1", "waits", r#"{"ms":100}"#).progress("\"p\""), 1)
            .tell(cancelled("\"1\""))
            .finish("1")
            .call(call("2", "witnessed", "{}")),
        Fixture::new("an id that is in use", IDS)
            .start(call("1", "waits", r#"{"ms":1500}"#).progress("\"p\""), 1)
            .call(request("1", "tools/list", ""))
            .finish("1")
            .call(request("1", "tools/list", ""))
            .except_in(
                &[Wire::InProcessWithHeaders, Wire::Http, Wire::HttpJson, Wire::HttpEvents],
                Revision::is_modern,
                "stateless requests over HTTP share nothing, so each is the only one of its sender",
            ),
    ];
    // 32 calls at once whose answers come in another order than their requests.
    let slowest_first = (1..=32).map(|id: u32| call(id.to_string(), "waits", &format!(r#"{{"ms":{}}}"#, (32 - id) * 5)));
    fixtures.push(Fixture::new("32 calls at once", IDS).together(slowest_first));
    let mixed = (1..=32).map(|id: u32| match id % 4 {
        0 => call(format!("\"id {id}\""), "add", &format!(r#"{{"a":{id},"b":{id}}}"#)),
        1 => call(id.to_string(), "blocks", r#"{"ms":5}"#),
        2 => call(id.to_string(), "panics", "{}"),
        _ => call(format!("-{id}"), "waits", r#"{"ms":20}"#),
    });
    fixtures.push(Fixture::new("32 calls of every kind at once", IDS).together(mixed));
    let batch: Vec<String> = (1..=8)
        .map(|id| {
            format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"waits","arguments":{{"ms":{}}}}}}}"#,
                (8 - id) * 5
            )
        })
        .collect();
    fixtures.push(
        Fixture::new("a batch of calls", spec!("2025-03-26/basic#batching"))
            .only(Revision::has_batches)
            .call(text(format!("[{}]", batch.join(",")))),
    );
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
