#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(header = "My Region")] region: String, #[arg(header = "")] zone: String) {}

fn main() {}
