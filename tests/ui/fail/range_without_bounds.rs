#![allow(unused_variables)]

use mcp_parity::tool;

const LIMITS: std::ops::Range<u32> = 1..5;

/// Finds text.
#[tool]
fn find(#[arg(range = ..)] limit: u32, #[arg(range = LIMITS)] page: u32, #[arg(range)] size: u32) {}

fn main() {}
