use mcp_parity::resource;

/// The text.
#[resource("text://all", mime_type = "text", size = "4 kB")]
fn text() -> String {
    String::new()
}

fn main() {}
