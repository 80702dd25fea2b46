use mcp_parity::tool;

/// Finds text.
#[tool(scopes = "mcp:read", readonly, colour = "red")]
fn find() {}

fn main() {}
