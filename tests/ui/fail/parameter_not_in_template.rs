use mcp_parity::resource;

/// A file.
#[resource("repo://{owner}/{name}")]
fn file(owner: String, nmae: String, branch: String) -> String {
    owner + &nmae + &branch
}

fn main() {}
