#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(#[arg(defualt = 5, minimum = 1)] limit: u32) {}

fn main() {}
