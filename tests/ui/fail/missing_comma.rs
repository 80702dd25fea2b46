use mcp_parity::tool;

/// Finds text.
#[tool(title = "Find" read_only, naem = "find")]
fn find() {}

fn main() {}
