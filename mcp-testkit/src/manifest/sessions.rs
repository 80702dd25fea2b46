//! Sessions that are named in a header.

use super::spec;
use crate::fixture::{Fixture, request, text};

const SESSIONS: &str = spec!("2025-11-25/basic/transports#session-management");
const STATELESS: &str = spec!("2026-07-28/basic/transports/streamable-http#backward-compatibility");
const ONLY_HTTP: &str = "only Streamable HTTP names sessions in a header; elsewhere the connection is the session";

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    let list = || request("1", "tools/list", "");
    for (name, id) in [("made up", "abcdef"), ("empty", ""), ("too long", TOO_LONG), ("that is no token", "{}; x=1")] {
        fixtures.extend([
            Fixture::new(format!("a request with a session id {name}"), SESSIONS).legacy().call(list().header("Mcp-Session-Id", id)),
            Fixture::new(format!("a notification with a session id {name}"), SESSIONS)
                .legacy()
                .call(text(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).header("Mcp-Session-Id", id)),
            Fixture::new(format!("bad bytes with a session id {name}"), SESSIONS).legacy().call(text("{").header("Mcp-Session-Id", id)),
            Fixture::new(format!("a stateless request with a session id {name}"), STATELESS)
                .modern()
                .call(list().header("Mcp-Session-Id", id)),
        ]);
    }
    fixtures.extend([
        Fixture::new("a session that was ended", SESSIONS).legacy().call(list()).end_session().call(request("2", "tools/list", "")),
        Fixture::new("a session that was ended twice", SESSIONS).legacy().end_session().end_session(),
        Fixture::new("news of a session that was ended", SESSIONS).legacy().end_session().listen(),
        Fixture::new("somebody else's session", SESSIONS).legacy().call(list().from_another()),
        Fixture::new("a notification in somebody else's session", SESSIONS)
            .legacy()
            .call(text(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).from_another()),
        Fixture::new("a session id with a character changed", SESSIONS).legacy().call(list().header("Mcp-Session-Id", "$sessionA")),
        Fixture::new("no session id", SESSIONS).legacy().call(list().without_header("Mcp-Session-Id")),
    ]);
    fixtures.into_iter().map(|fixture| fixture.with_headers(ONLY_HTTP)).collect()
}

/// Longer than any session id there is.
const TOO_LONG: &str = concat!(
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
);
