use mcp_parity::tool;

#[tool(title = "", description = " ", tags = ["a", ""])]
fn find() {}

fn main() {}
