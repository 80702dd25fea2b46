use mcp_parity::tool;

/// Finds text.
#[tool(read_only = "yes", mfa(always))]
fn find() {}

fn main() {}
