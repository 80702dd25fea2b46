use mcp_parity::{State, tool};

/// Finds text.
#[tool]
fn find(tree: State, index: &mut State<u8>) {}

fn main() {}
