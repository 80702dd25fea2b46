#![allow(unused_variables)]

use mcp_parity::{Principal, State, tool};

/// Finds text.
#[tool]
fn find(#[arg(default)] tree: State<u8>, #[inject("tenant")] tenant: u8, #[inject] #[arg(name = "who")] who: Principal) {}

fn main() {}
