#![allow(unused_variables)]

use mcp_parity::{completion, prompt, resource};

/// The text.
#[resource("text://all")]
fn text() {}

/// Reviews code.
#[prompt]
fn review() {}

#[completion(prompt = "review", argument = "language")]
fn languages(typed: String) {}

fn main() {}
