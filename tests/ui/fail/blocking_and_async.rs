use mcp_parity::tool;

/// Finds text.
#[tool(blocking)]
async fn find() {}

fn main() {}
