use mcp_parity::{prompt, tool};

struct Notes;

#[tool(scope = "mcp:read")]
impl<T> Notes {
    #[tool(uri = "notes://all")]
    fn add(&mut self, text: &str) {}

    /// Says it.
    #[prompt]
    fn say(&self) {}
}

fn main() {}
