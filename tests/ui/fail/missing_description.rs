use mcp_parity::{prompt, tool};

#[tool]
fn find() {}

///
#[prompt(title = "Review")]
fn review() -> String {
    String::new()
}

fn main() {}
