#![allow(unused_variables)]

use mcp_parity::tool;

#[derive(serde::Deserialize)]
struct Pattern(String);

/// Finds text.
#[tool]
fn find(pattern: Pattern, others: Option<Vec<Pattern>>) {}

fn main() {}
