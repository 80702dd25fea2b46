#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(range = 1..=9)] pattern: String, #[arg(range = 0..=1)] fast: Option<bool>) {}

fn main() {}
