#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
#[arg(default = 5)]
fn find(limit: u32) {}

fn main() {}
