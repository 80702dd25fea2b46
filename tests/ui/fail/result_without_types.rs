use mcp_parity::tool;

type Result = std::result::Result<String, std::fmt::Error>;

/// Finds text.
#[tool]
fn find() -> Result {
    Ok(String::new())
}

fn main() {}
