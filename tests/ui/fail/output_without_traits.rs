use mcp_parity::{ToolError, tool};

struct Found;

/// Finds text.
#[tool]
fn find() -> Found {
    Found
}

/// Finds more text.
#[tool]
async fn find_more() -> Result<Found, ToolError> {
    Ok(Found)
}

fn main() {}
