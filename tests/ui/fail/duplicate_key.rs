use mcp_parity::tool;

/// Finds text.
#[tool(title = "Find", read_only, title = "Search")]
fn find() {}

fn main() {}
