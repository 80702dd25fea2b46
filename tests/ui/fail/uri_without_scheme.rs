use mcp_parity::resource;

/// The text.
#[resource("/text")]
fn text() -> String {
    String::new()
}

/// More text.
#[resource("text://all of it")]
fn more_text() -> String {
    String::new()
}

fn main() {}
