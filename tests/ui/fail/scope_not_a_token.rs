use mcp_parity::tool;

/// Finds text.
#[tool(scope = ["mcp:\"read\"", "", "lesen-für-alle"])]
fn find() {}

fn main() {}
