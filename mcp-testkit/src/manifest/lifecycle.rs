//! Opening a session, and what may be said without one.

use mcp_core::Revision;

use super::spec;
use crate::fixture::{Fixture, request, text};

const LIFECYCLE: &str = spec!("2025-11-25/basic/lifecycle#initialization");
const VERSION: &str = spec!("2025-11-25/basic/lifecycle#version-negotiation");

/// `initialize` requests that do not open a session, or open one in an unexpected revision.
const OPENINGS: &[(&str, &str, &str)] = &[
    (
        "initialize with a revision nobody knows",
        VERSION,
        r#""protocolVersion":"1999-01-01","capabilities":{},"clientInfo":{"name":"x","version":"1"}"#,
    ),
    (
        "initialize with a stateless revision",
        VERSION,
        r#""protocolVersion":"2026-07-28","capabilities":{},"clientInfo":{"name":"x","version":"1"}"#,
    ),
    ("initialize without a revision", LIFECYCLE, r#""capabilities":{},"clientInfo":{"name":"x","version":"1"}"#),
    ("initialize with a revision that is a number", LIFECYCLE, r#""protocolVersion":2025,"capabilities":{}"#),
    ("initialize without capabilities", LIFECYCLE, r#""protocolVersion":"2025-11-25""#),
    ("initialize with capabilities that are an array", LIFECYCLE, r#""protocolVersion":"2025-11-25","capabilities":[]"#),
    ("initialize with client information that is text", LIFECYCLE, r#""protocolVersion":"2025-11-25","capabilities":{},"clientInfo":"me""#),
    (
        "initialize with unknown capabilities",
        LIFECYCLE,
        r#""protocolVersion":"2025-11-25","capabilities":{"x":{"y":1}},"clientInfo":{"name":"x","version":"1"}"#,
    ),
    ("initialize without parameters", LIFECYCLE, ""),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let openings = OPENINGS.iter().map(|&(name, spec, params)| {
        let initialize = text(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{{params}}}}}"#));
        Fixture::new(name, spec).only(|revision| revision == Revision::LATEST_LEGACY).without_session().call(initialize)
    });
    let mut fixtures: Vec<Fixture> = openings.collect();
    fixtures.extend([
        Fixture::new("initialize and be heard", LIFECYCLE).legacy().call(request("1", "ping", "")),
        Fixture::new("initialize again", LIFECYCLE).legacy().call(text(
            r#"{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#,
        )),
        Fixture::new("a list before initialize", LIFECYCLE).legacy().without_session().call(request("1", "tools/list", "")),
        Fixture::new("a call before initialize", LIFECYCLE)
            .legacy()
            .without_session()
            .call(request("1", "tools/call", r#""name":"nope","arguments":{}"#)),
        Fixture::new("ping before initialize", spec!("2025-11-25/basic/utilities/ping")).legacy().without_session().call(request("1", "ping", "")),
        Fixture::new("initialized before initialize", LIFECYCLE)
            .legacy()
            .without_session()
            .tell(text(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)),
        Fixture::new("an unknown method", spec!("2025-11-25/basic#responses")).call(request("1", "tools/invent", "")),
        Fixture::new("an unknown method with no parameters member", spec!("2025-11-25/basic#responses"))
            .legacy()
            .call(text(r#"{"jsonrpc":"2.0","id":1,"method":""}"#)),
        Fixture::new("ping in a revision without it", spec!("2026-07-28/changelog")).modern().call(request("1", "ping", "")),
        Fixture::new("initialize in a stateless revision", spec!("2026-07-28/changelog"))
            .modern()
            .call(request("1", "initialize", r#""protocolVersion":"2026-07-28","capabilities":{}"#)),
        Fixture::new("discover in a revision without it", spec!("2025-11-25/basic/lifecycle")).legacy().call(request("1", "server/discover", "")),
        Fixture::new("discover", spec!("2026-07-28/server/discover")).modern().call(request("1", "server/discover", "")),
    ]);
    let ids = [
        ("an id of zero", "0"),
        ("a negative id", "-7"),
        ("an id beyond 2^53", "9007199254740993"),
        ("an id of 40 digits", "1234567890123456789012345678901234567890"),
        ("an empty id", "\"\""),
        ("an id that looks like a number", "\"1\""),
        ("an id with escapes", r#""\u00fc\n\"\\""#),
        ("an id with text beyond ASCII", "\"żółć 🦀\""),
    ];
    let list = |(name, id)| Fixture::new(name, spec!("2026-07-28/basic#requests")).call(request(id, "tools/list", ""));
    fixtures.extend(ids.into_iter().map(list));
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
