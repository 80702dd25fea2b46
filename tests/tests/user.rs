//! `parity_test!` as users write it.

use mcp_parity::{Server, tool};
use mcp_testkit::parity_test;

/// Add two whole numbers.
#[tool(read_only)]
fn sum(
    /// The first number.
    a: i32,
    /// The second number.
    b: i32,
) -> i64 {
    i64::from(a) + i64::from(b)
}

/// Run something.
#[tool(scope = "mcp:execute")]
async fn run() -> String {
    "done".to_owned()
}

fn my_server() -> mcp_parity::Result<Server> {
    Ok(Server::linked()?.named("my-server", "1.0.0"))
}

parity_test!(my_server(), as = [anonymous, scopes("mcp:execute"), local]);

mod nested {
    use super::my_server;

    mcp_testkit::parity_test!(fn with_exceptions: my_server().expect("it is sound"), as = [local_with("mcp:read")], except = ["run"]);
}
