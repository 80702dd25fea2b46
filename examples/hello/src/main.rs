//! Two tools, served over stdio and over HTTP by one binary.

use mcp_parity::{Server, tool};

/// Add two whole numbers.
#[tool(read_only)]
fn add(
    /// The first number.
    a: i32,
    /// The second number.
    b: i32,
) -> i64 {
    i64::from(a) + i64::from(b)
}

/// Greet somebody.
#[tool(read_only)]
async fn greet(
    /// Who is greeted.
    #[arg(default = "world")]
    name: String,
) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> mcp_parity::Result<()> {
    Server::linked()?.named("hello", env!("CARGO_PKG_VERSION")).run().await
}
