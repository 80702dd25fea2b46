use mcp_parity::tool;

/// Finds text.
#[tool]
unsafe fn find() {}

/// Finds more text.
#[tool]
const fn find_more() {}

/// Finds all text.
#[tool]
extern "C" fn find_all() {}

fn main() {}
