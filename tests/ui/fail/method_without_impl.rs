#![allow(unused_variables)]

use mcp_parity::tool;

struct Notes;

impl Notes {
    /// Adds a note.
    #[tool]
    async fn add(&self, text: String) {}
}

fn main() {}
