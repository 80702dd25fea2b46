#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
async fn find<T: Send>(pattern: T) {}

/// Finds more text.
#[tool]
fn find_more<'a, const N: usize>(pattern: [u8; N]) {}

fn main() {}
