//! Tools that go wrong: the answer says so, and the connection lives.

use mcp_testkit::{Fixture, call};

use super::spec;

const TOOLS: &str = spec!("2025-11-25/server/tools#error-handling");

/// A name, a tool and its arguments.
const LINES: &[(&str, &str, &str)] = &[
    ("a tool that panics", "panics", "{}"),
    ("a tool that panics after having waited", "panics_later", "{}"),
    ("a tool that hangs", "hangs", "{}"),
    ("a tool that breaks its output schema", "breaks_its_schema", "{}"),
    ("a tool that reports an error", "locate", r#"{"region":"nowhere"}"#),
    ("a tool that prints", "prints", "{}"),
    ("a tool that blocks its thread", "blocks", r#"{"ms":5}"#),
    ("a tool that waits", "waits", r#"{"ms":5}"#),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let lines = LINES.iter().map(|&(name, tool, arguments)| {
        let message = call("1", tool, arguments);
        let message = if tool == "locate" { message.header("Mcp-Param-Region", "nowhere") } else { message };
        Fixture::new(name, TOOLS).call(message).for_anybody()
    });
    let structured = Fixture::new("a structured result", spec!("2025-06-18/server/tools#structured-content"))
        .call(call("1", "locate", r#"{"region":"north"}"#).header("Mcp-Param-Region", "north"))
        .for_anybody();
    lines.chain([structured]).collect()
}
