use mcp_parity::{prompt, resource};

/// Reviews code.
#[prompt]
fn review(#[arg(range = 1..=3, header = "Depth")] depth: u32) -> String {
    depth.to_string()
}

/// A file.
#[resource("file:///{+path}")]
fn file(#[arg(pattern = "^/", description = "Where it is.")] path: String) -> String {
    path
}

fn main() {}
