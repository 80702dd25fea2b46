use mcp_parity::tool;

struct Notes;

#[tool]
impl Notes {
    fn add(&self) {}
}

fn main() {}
