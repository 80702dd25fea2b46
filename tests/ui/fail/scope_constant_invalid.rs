use mcp_parity::tool;

const READ: &str = "mcp read";

/// Finds text.
#[tool(scope = READ)]
fn find() {}

fn main() {}
