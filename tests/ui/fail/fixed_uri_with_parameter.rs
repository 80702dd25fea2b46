use mcp_parity::resource;

/// The text.
#[resource("text://all")]
fn text(page: u32) -> String {
    page.to_string()
}

fn main() {}
