#![allow(unused_variables)]

use mcp_parity::{Args, tool};

struct Query;
struct Page;

/// Finds text.
#[tool]
fn find(a: Args<Query>, b: Args<Page>) {}

fn main() {}
