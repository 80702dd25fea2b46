#![allow(unused_variables)]

use mcp_parity::completion;

struct Language;

#[completion(prompt = "review", argument = "code")]
fn codes(typed: Language) -> Vec<String> {
    Vec::new()
}

fn main() {}
