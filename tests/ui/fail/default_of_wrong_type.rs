#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(default = "many")] limit: u32, #[arg(default = 5)] text: String) {}

fn main() {}
