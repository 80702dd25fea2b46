#![allow(unused_variables)]

use mcp_parity::{prompt, tool};

struct Notes<T>(T);

#[tool(scope = "mcp:read")]
impl<T> Notes<T> {
    #[tool(uri = "notes://all")]
    fn add(&mut self, text: &str) {}

    /// Says it.
    #[prompt]
    fn say(&self) {}
}

fn main() {}
