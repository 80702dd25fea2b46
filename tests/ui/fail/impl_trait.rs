use mcp_parity::tool;

/// Finds text.
#[tool]
fn find(pattern: impl ToString) -> impl Iterator<Item = String> {
    std::iter::once(pattern.to_string())
}

fn main() {}
