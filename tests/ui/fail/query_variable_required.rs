use mcp_parity::resource;

/// The text.
#[resource("text://all{?page,size}")]
fn text(page: u32, #[arg(default = 10)] size: u32) -> String {
    (page * size).to_string()
}

fn main() {}
