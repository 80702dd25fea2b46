#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(header = "Weight")] weight: f32, #[arg(header = "Words")] words: Vec<String>) {}

fn main() {}
