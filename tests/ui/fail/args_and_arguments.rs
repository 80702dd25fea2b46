#![allow(unused_variables)]

use mcp_parity::{Args, tool};

struct Query;

/// Finds text.
#[tool]
fn find(query: Args<Query>, limit: u32) {}

fn main() {}
