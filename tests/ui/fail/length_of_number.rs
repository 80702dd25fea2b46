#![allow(unused_variables)]

use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(
    #[arg(min_length = 1, pattern = "^[0-9]+$")] limit: u32,
    #[arg(min_length = 9, max_length = 8)] text: String,
    #[arg(max_length = "8")] more: String,
) {
}

fn main() {}
