//! Scopes named once, as constants.
#![deny(warnings)]

use mcp_parity::tool;

mod scopes {
    pub const READ: &str = "notes:read";
}

struct Notes;

#[tool]
impl Notes {
    const WRITE: &str = "notes:write";

    /// Adds a note.
    #[tool(scope = [scopes::READ, Self::WRITE, "notes:all"])]
    fn add(&self) {}
}

/// Reads notes.
#[tool(scope = scopes::READ)]
fn read() {}

fn main() {}
