#![allow(unused_variables)]

use mcp_parity::{completion, prompt, resource};

/// Reviews code.
#[prompt]
fn review() -> u32 {
    1
}

/// A file.
#[resource("file:///one")]
fn file() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[completion(prompt = "review", argument = "code")]
fn codes(typed: String) -> u32 {
    1
}

fn main() {}
