use mcp_parity::tool;

/// Finds text.
#[tool("find", 30)]
fn find() {}

fn main() {}
