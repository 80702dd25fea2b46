#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(range = 10..=1)] limit: u32, #[arg(range = 5..5)] page: u32) {}

fn main() {}
