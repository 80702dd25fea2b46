#![allow(unused_variables)]

use mcp_parity::{completion, prompt, resource, tool};

#[tool(name = "find text")]
fn find() {}

#[resource("file:///{+path}")]
fn file(pfad: String) {}

/// Reviews code.
#[prompt(read_only)]
fn review(code: &str) -> String {
    code.to_owned()
}

#[completion(prompt = "review")]
fn codes() -> Vec<String> {
    Vec::new()
}

fn main() {}
