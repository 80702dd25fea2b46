use mcp_parity::tool;

struct Lost;

/// Finds text.
#[tool]
fn find() -> Result<String, Lost> {
    Err(Lost)
}

fn main() {}
