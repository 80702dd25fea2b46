use mcp_parity::resource;

/// A file.
#[resource("repo://{owner}/{name}/{+path}")]
fn file(owner: String) -> String {
    owner
}

fn main() {}
