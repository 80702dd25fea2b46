#![allow(unused_variables)]

use mcp_parity::{State, tool};

#[tool(naem = "find", scope = "mcp read", tier = Root, read_only, destructive, title = "A", title = "B")]
async fn find<T>(
    #[arg(default = 0, range = 1..=9, hedaer = "Limit")] limit: u32,
    (line, column): (u32, u32),
    text: &str,
    index: &mut State<T>,
) -> impl Sized {
}

fn main() {}
