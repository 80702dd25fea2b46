use mcp_parity::tool;

/// Finds text.
#[tool(title, name =, scope("mcp:read"))]
fn find() {}

fn main() {}
