use mcp_parity::tool;

/// Finds text.
#[tool(tier = Developper)]
fn find() {}

/// Finds more text.
#[tool(tier = "Admin")]
fn find_more() {}

fn main() {}
