#![allow(unused_variables)]

use mcp_parity::{Args, tool};

/// Finds text.
#[tool]
fn find(query: Args<Vec<String>>) {}

/// Finds more text.
#[tool]
fn find_more(query: Args<u32>) {}

fn main() {}
