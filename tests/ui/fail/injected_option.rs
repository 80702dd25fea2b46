#![allow(unused_variables)]

use mcp_parity::{Principal, State, tool};

/// Finds text.
#[tool]
fn find(who: Option<Principal>, tree: &Option<State<u8>>) {}

fn main() {}
