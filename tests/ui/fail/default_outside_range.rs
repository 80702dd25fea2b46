#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(default = 5000, range = 1..=1000)] limit: u32, #[arg(default = -1.5, range = 0.0..)] weight: f64) {}

fn main() {}
