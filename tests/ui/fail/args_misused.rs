#![allow(unused_variables)]

use mcp_parity::{Args, prompt, tool};

/// Finds text.
#[tool]
fn find(#[arg(default)] query: Args<u8>) {}

/// Finds more text.
#[tool]
fn find_more(query: &Args<u8>) {}

/// Finds all text.
#[tool]
fn find_all(query: Args) {}

/// Reviews code.
#[prompt]
fn review(query: Args<u8>) -> String {
    String::new()
}

fn main() {}
