//! `crate = path`, for crates that re-export the facade.
#![deny(warnings)]

mod framework {
    pub mod server {
        pub use mcp_parity as mcp;
    }
}

use framework::server::mcp::{Args, State, tool};

#[derive(framework::server::mcp::serde::Deserialize, framework::server::mcp::schemars::JsonSchema)]
#[serde(crate = "framework::server::mcp::serde")]
#[schemars(crate = "framework::server::mcp::schemars")]
struct Query {
    text: String,
}

/// Finds text.
#[tool(crate = framework::server::mcp)]
fn find(#[arg(default = 5, range = 1..10)] limit: u8, state: State<u8>) -> u8 {
    limit.min(*state)
}

/// Asks.
#[tool(crate = crate::framework::server::mcp)]
fn ask(Args(query): Args<Query>) -> String {
    query.text
}

#[tool(crate = framework::server::mcp)]
impl Query {
    /// Says it.
    #[tool]
    fn say(&self) -> &str {
        &self.text
    }
}

fn main() {}
