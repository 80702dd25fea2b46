use mcp_parity::tool;

struct Pattern;

/// Finds text.
#[tool]
fn find(pattern: Pattern) {}

fn main() {}
