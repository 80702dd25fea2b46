use mcp_parity::tool;

struct Notes;

trait Add {
    fn add(&self);
}

#[tool]
impl Add for Notes {
    /// Adds a note.
    #[tool]
    fn add(&self) {}
}

fn main() {}
