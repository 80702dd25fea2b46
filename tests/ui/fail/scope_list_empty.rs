use mcp_parity::tool;

/// Finds text.
#[tool(scope = [])]
fn find() {}

fn main() {}
