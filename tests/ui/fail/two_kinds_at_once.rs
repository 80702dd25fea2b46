use mcp_parity::{resource, tool};

/// Finds text.
#[tool]
#[resource("text://all")]
fn find() -> String {
    String::new()
}

/// Finds more text.
#[tool]
#[tool]
fn find_more() {}

fn main() {}
