//! Headers that repeat parts of the body, and disagree with it.

use super::spec;
use crate::fixture::{Fixture, Message, request};

const MIRROR: &str = spec!("2026-07-28/basic/transports/streamable-http#server-validation");
const ONLY_HTTP: &str = "only HTTP mirrors parts of the body in headers";

pub(super) fn fixtures() -> Vec<Fixture> {
    let list = || request("1", "tools/list", "");
    let call = || request("1", "tools/call", r#""name":"no_such_tool","arguments":{}"#);
    let read = || request("1", "resources/read", r#""uri":"nowhere://ü""#);
    let lines: Vec<(&'static str, Message)> = vec![
        ("no version header", list().without_header("MCP-Protocol-Version")),
        ("another version in the header", list().header("MCP-Protocol-Version", "2025-11-25")),
        ("an unknown version in the header", list().header("MCP-Protocol-Version", "1999-01-01")),
        ("an empty version header", list().header("MCP-Protocol-Version", "")),
        ("no method header", list().without_header("Mcp-Method")),
        ("another method in the header", list().header("Mcp-Method", "prompts/list")),
        ("a method header in other letters", list().header("Mcp-Method", "Tools/List")),
        ("a method header with spaces around", list().header("Mcp-Method", "  tools/list  ")),
        ("a name header where none belongs", list().header("Mcp-Name", "add")),
        ("no name header", call().without_header("Mcp-Name")),
        ("another name in the header", call().header("Mcp-Name", "other")),
        ("a name header in base64", call().header("Mcp-Name", "=?base64?bm9fc3VjaF90b29s?=")),
        ("a name header in base64 of something else", call().header("Mcp-Name", "=?base64?b3RoZXI=?=")),
        ("a name header in broken base64", call().header("Mcp-Name", "=?base64?bm9!?=")),
        ("a name beyond ASCII in base64", read()),
        ("a name beyond ASCII as it is", read().header("Mcp-Name", "nowhere://ü")),
    ];
    let lines = lines.into_iter().map(|(name, message)| Fixture::new(name, MIRROR).modern().call(message));
    let versions = [
        Fixture::new("a session's request without a version header", spec!("2025-06-18/basic/transports#protocol-version-header"))
            .legacy()
            .call(list().without_header("MCP-Protocol-Version")),
        Fixture::new(
            "a session's request with another version in the header",
            spec!("2025-06-18/basic/transports#protocol-version-header"),
        )
        .legacy()
        .call(list().header("MCP-Protocol-Version", "2025-03-26")),
        Fixture::new(
            "a session's request with an unknown version in the header",
            spec!("2025-06-18/basic/transports#protocol-version-header"),
        )
        .legacy()
        .call(list().header("MCP-Protocol-Version", "1999-01-01")),
    ];
    lines.chain(versions).map(|fixture| fixture.with_headers(ONLY_HTTP).for_anybody()).collect()
}
