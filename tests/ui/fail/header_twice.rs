#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(header = "Region")] region: String, #[arg(header = "region")] zone: String) {}

fn main() {}
