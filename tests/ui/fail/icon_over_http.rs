use mcp_parity::tool;

/// Finds text.
#[tool(icon = "http://example.com/find.png")]
fn find() {}

fn main() {}
