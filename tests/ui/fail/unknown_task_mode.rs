use mcp_parity::tool;

/// Finds text.
#[tool(task = "optionally")]
fn find() {}

fn main() {}
