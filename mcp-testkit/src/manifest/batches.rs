//! Several messages in one, where there is such a thing.

use super::spec;
use crate::fixture::{Fixture, text};

const BATCHES: &str = spec!("2025-03-26/basic#batching");
const NO_BATCHES: &str = spec!("2025-06-18/changelog");

/// Batches.
const LINES: &[(&str, &str)] = &[
    ("a batch of two", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/list"}]"#),
    ("a batch of one", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
    ("an empty batch", "[]"),
    ("a batch with a bad entry", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},7,{"jsonrpc":"1.0","id":2,"method":"ping"},{}]"#),
    ("a batch of bad entries", "[1,2,3]"),
    ("a batch in a batch", r#"[[{"jsonrpc":"2.0","id":1,"method":"ping"}]]"#),
    ("a batch with a notification", r#"[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
    ("a batch with the same id twice", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
    (
        "a batch that initializes",
        r#"[{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}]"#,
    ),
    ("a batch with a space in front", r#"  [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
    ("a batch that is not JSON", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}"#),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for &(name, batch) in LINES {
        fixtures.push(Fixture::new(name, BATCHES).call(text(batch)));
        fixtures.push(Fixture::new(format!("{name}, without a session"), NO_BATCHES).legacy().without_session().call(text(batch)));
    }
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    fixtures.push(Fixture::new("a batch of more than fit", BATCHES).call(text(format!("[{}]", [ping; 101].join(",")))));
    let only_told = r#"[{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","method":"notifications/x"}]"#;
    let told = |revision: mcp_core::Revision| revision.has_batches();
    fixtures.push(Fixture::new("a batch of notifications", BATCHES).only(told).tell(text(only_told)));
    fixtures.push(
        Fixture::new("a batch of notifications where there are no batches", NO_BATCHES)
            .only(|revision| !told(revision))
            .call(text(only_told)),
    );
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
