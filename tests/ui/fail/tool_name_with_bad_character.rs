use mcp_parity::tool;

/// Finds text.
#[tool(name = "find text")]
fn find() {}

/// Measures.
#[tool]
fn größe() {}

fn main() {}
