use mcp_parity::resource;

/// A file.
#[resource("file:///{path")]
fn file(path: String) -> String {
    path
}

/// A folder.
#[resource("file:///{a}/{a}")]
fn folder(a: String) -> String {
    a
}

fn main() {}
