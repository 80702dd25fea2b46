use mcp_parity::tool;

/// Finds text.
#[tool]
#[mcp_parity::resource("text://all")]
fn find() -> String {
    String::new()
}

/// Finds more text.
#[tool]
#[tool]
fn find_more() {}

fn main() {}
