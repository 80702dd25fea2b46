use mcp_parity::tool;

/// Finds text.
#[tool(meta = r#"["a"]"#)]
fn find() {}

fn main() {}
