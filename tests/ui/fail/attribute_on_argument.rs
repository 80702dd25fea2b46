#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[cfg(unix)] limit: u32, #[serde(default)] page: u32, #[arg = 5] size: u32) {}

fn main() {}
