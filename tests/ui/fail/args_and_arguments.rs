#![allow(unused_variables)]

use mcp_parity::{Args, tool};

/// Finds text.
#[tool]
fn find(query: Args<u8>, limit: u32) {}

fn main() {}
