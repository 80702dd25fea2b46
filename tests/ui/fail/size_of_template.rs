use mcp_parity::resource;

/// A file.
#[resource("file:///{+path}", size = 4096)]
fn file(path: String) -> String {
    path
}

fn main() {}
