//! The metadata that requests of the stateless revisions carry.

use super::spec;
use crate::fixture::{Fixture, request, text};

const META: &str = spec!("2026-07-28/basic#meta");
const VERSIONS: &str = spec!("2026-07-28/basic/versioning");

/// Members of `_meta`.
const METADATA: &[(&str, &str, &str)] = &[
    (
        "a protocol version nobody knows",
        VERSIONS,
        r#""io.modelcontextprotocol/protocolVersion":"1999-01-01","io.modelcontextprotocol/clientCapabilities":{}"#,
    ),
    (
        "a protocol version with sessions",
        VERSIONS,
        r#""io.modelcontextprotocol/protocolVersion":"2025-11-25","io.modelcontextprotocol/clientCapabilities":{}"#,
    ),
    (
        "a protocol version that is empty",
        VERSIONS,
        r#""io.modelcontextprotocol/protocolVersion":"","io.modelcontextprotocol/clientCapabilities":{}"#,
    ),
    (
        "a protocol version that is a number",
        META,
        r#""io.modelcontextprotocol/protocolVersion":2026,"io.modelcontextprotocol/clientCapabilities":{}"#,
    ),
    ("no protocol version", META, r#""io.modelcontextprotocol/clientCapabilities":{}"#),
    ("no metadata members", META, ""),
    ("no client capabilities", META, r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#),
    (
        "client capabilities that are an array",
        META,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]"#,
    ),
    (
        "client information that is text",
        META,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":"me""#,
    ),
    (
        "a log level nobody knows",
        spec!("2026-07-28/server/utilities/logging"),
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"loud""#,
    ),
    (
        "metadata of somebody else",
        META,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"com.example/trace":[1,{"a":null}]"#,
    ),
];

/// Progress tokens, in every revision.
const TOKENS: &[(&str, &str)] = &[
    ("a progress token that is an integer", "7"),
    ("a progress token that is text", "\"token\""),
    ("a progress token with a fraction", "1.5"),
    ("a progress token that is an object", "{}"),
    ("a progress token that is true", "true"),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let metadata = METADATA.iter().map(|&(name, spec, members)| {
        let list = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{{{members}}}}}}}"#);
        Fixture::new(name, spec).modern().call(text(list))
    });
    let tokens = TOKENS.iter().map(|&(name, token)| {
        Fixture::new(name, spec!("2025-11-25/basic/utilities/progress")).call(request("1", "tools/list", "").progress(token))
    });
    let absent = [
        Fixture::new("no parameters at all", META).modern().call(text(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)),
        Fixture::new("metadata null", META)
            .modern()
            .call(text(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":null}}"#)),
        Fixture::new("parameters null", spec!("2025-11-25/basic#requests"))
            .legacy()
            .call(text(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}"#)),
    ];
    metadata.chain(tokens).chain(absent).map(Fixture::for_anybody).collect()
}
