use mcp_parity::tool;

struct Notes;

#[tool]
impl Notes {
    /// Adds a note.
    #[tool]
    fn add(&mut self) {}

    /// Takes all notes.
    #[tool]
    fn take(self) {}

    /// Keeps all notes.
    #[tool]
    fn keep(self: std::sync::Arc<Self>) {}
}

fn main() {}
