#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(default = 5, range = 1..=10)] #[arg(default = 6)] limit: u32) {}

fn main() {}
