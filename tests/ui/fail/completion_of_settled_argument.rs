#![allow(unused_variables)]

use mcp_parity::completion;

#[completion(prompt = "review", argument = "language")]
fn languages(typed: Option<String>, code: String) -> Vec<String> {
    vec![code]
}

fn main() {}
