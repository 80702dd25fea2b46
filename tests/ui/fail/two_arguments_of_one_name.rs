#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(text: String, #[arg(name = "text")] pattern: String, #[arg(name = "")] nameless: String) {}

fn main() {}
