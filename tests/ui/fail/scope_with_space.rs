use mcp_parity::tool;

/// Finds text.
#[tool(scope = "mcp:read mcp:write")]
fn find() {}

fn main() {}
