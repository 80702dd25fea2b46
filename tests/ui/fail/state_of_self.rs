#![allow(unused_variables)]

use mcp_parity::{State, tool};

struct Notes;

#[tool]
impl Notes {
    /// Adds a note.
    #[tool]
    fn add(&self, notes: State<Notes>) {}

    /// Removes a note.
    #[tool]
    fn remove(notes: State<Self>) {}
}

fn main() {}
