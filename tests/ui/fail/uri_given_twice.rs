use mcp_parity::resource;

/// The text.
#[resource("text://all", uri = "text://all")]
fn text() -> String {
    String::new()
}

fn main() {}
