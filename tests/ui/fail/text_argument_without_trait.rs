#![allow(unused_variables)]

use mcp_parity::{prompt, resource};

struct Language;

/// Reviews code.
#[prompt]
fn review(language: Option<Language>) -> String {
    String::new()
}

/// A file.
#[resource("file:///{language}")]
fn file(language: Language) -> String {
    String::new()
}

fn main() {}
