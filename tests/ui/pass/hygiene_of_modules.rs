//! Modules named like the crates that generated code needs.
#![deny(warnings)]

use ::mcp_parity::{completion, prompt, resource, tool};

mod core {}
mod inventory {
    pub const NOTHING: () = ();
}
mod mcp_core {
    pub const NOTHING: () = ();
}
mod mcp_parity {
    pub const NOTHING: () = ();
}
mod schemars {
    pub const NOTHING: () = ();
}
mod serde {
    pub const NOTHING: () = ();
}
mod std {}

/// Finds text.
#[tool]
fn find(text: String, #[arg(default = 3, range = 1..=5)] limit: u8) -> String {
    format!("{text}{limit}")
}

/// The text.
#[resource("text://{number}")]
async fn text(number: u8) -> String {
    number.to_string()
}

/// Reviews.
#[prompt]
fn review(code: String) -> String {
    code
}

#[completion(prompt = "review", argument = "code")]
fn codes(typed: String) -> Vec<String> {
    vec![typed]
}

fn main() {
    let _ = (mcp_core::NOTHING, mcp_parity::NOTHING, serde::NOTHING, schemars::NOTHING, inventory::NOTHING);
}
