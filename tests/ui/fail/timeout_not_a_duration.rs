use mcp_parity::tool;

/// Finds text.
#[tool(timeout = "30")]
fn find() {}

/// Finds more text.
#[tool(timeout = 30)]
fn find_more() {}

/// Finds all text.
#[tool(timeout = "1h")]
fn find_all() {}

fn main() {}
