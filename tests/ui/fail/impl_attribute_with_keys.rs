use mcp_parity::tool;

struct Notes;

#[tool("notes", scope = "mcp:read")]
impl Notes {
    /// Adds a note.
    #[tool = "add"]
    fn add(&self) {}
}

fn main() {}
