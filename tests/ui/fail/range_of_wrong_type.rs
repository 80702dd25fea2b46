#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(range = 1.5..=2.5)] limit: u32) {}

fn main() {}
