#![allow(unused_variables)]

use mcp_parity::{Args, tool};

/// Finds text.
#[tool]
fn find(a: Args<u8>, b: Args<u16>) {}

fn main() {}
