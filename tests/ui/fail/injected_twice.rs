#![allow(unused_variables)]

use mcp_parity::{Context, Principal, State, tool};

/// Finds text.
#[tool]
fn find(tree: State<u8>, cx: Context, who: Principal, more: State<u8>, cx2: &Context, other: State<u16>) {}

fn main() {}
