#![allow(unused_variables)]

use mcp_parity::{Args, prompt};

struct Query;

/// Reviews code.
#[prompt]
fn review(query: Args<Query>) -> String {
    String::new()
}

fn main() {}
