#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find((line, column): (u32, u32), _: String, ref limit: u32) {}

fn main() {}
