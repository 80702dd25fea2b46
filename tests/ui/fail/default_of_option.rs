#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(default = 5)] limit: Option<u32>, #[arg(default)] page: Option<u32>) {}

fn main() {}
