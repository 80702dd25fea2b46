use mcp_parity::tool;

struct Notes<T>(T);

#[tool]
impl<T: Send> Notes<T> {
    /// Adds a note.
    #[tool]
    fn add(&self) {}
}

fn main() {}
