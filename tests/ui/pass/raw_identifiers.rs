//! Keywords as names; on the wire they have no `r#`.
#![deny(warnings)]

use mcp_parity::{prompt, tool};

/// Matches.
#[tool]
fn r#match(r#type: String, #[arg(default = 1)] r#move: u8, mut count: u8) -> String {
    count += r#move;
    format!("{}{count}", r#type)
}

/// Loops.
#[prompt]
fn r#loop(r#fn: String, #[arg(default = "x")] r#use: String) -> String {
    r#fn + &r#use
}

fn main() {}
