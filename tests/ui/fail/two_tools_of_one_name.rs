use mcp_parity::tool;

struct Notes;

#[tool]
impl Notes {
    /// Adds a note.
    #[tool]
    fn add(&self) {}

    /// Adds a note to the end.
    #[tool(name = "add")]
    fn append(&self) {}
}

fn main() {}
