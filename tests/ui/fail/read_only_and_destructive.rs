use mcp_parity::tool;

/// Finds text.
#[tool(read_only, destructive)]
fn find() {}

fn main() {}
