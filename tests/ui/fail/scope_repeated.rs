use mcp_parity::tool;

/// Finds text.
#[tool(scope = ["mcp:read", "mcp:read"])]
fn find() {}

fn main() {}
