use mcp_parity::{prompt, tool};

/// Finds text.
#[tool(uri = "text://all", mime_type = "text/plain")]
fn find() {}

/// Reviews code.
#[prompt(read_only)]
fn review() -> String {
    String::new()
}

fn main() {}
