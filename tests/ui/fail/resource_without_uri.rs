use mcp_parity::resource;

/// The text.
#[resource]
fn text() -> String {
    String::new()
}

fn main() {}
