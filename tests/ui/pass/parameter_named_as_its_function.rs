use mcp_parity::{State, completion, prompt, resource, tool};

/// One page of the handbook.
#[resource("handbook://pages/{page}")]
fn page(page: u32) -> String {
    page.to_string()
}

/// Greet somebody.
#[prompt]
fn greet(greet: String) -> String {
    greet
}

/// Words.
#[completion(prompt = "greet", argument = "greet")]
fn words(words: String) -> Vec<String> {
    vec![words]
}

/// Count.
#[tool]
fn count(count: State<u32>) -> u32 {
    *count
}

/// Repeat.
#[tool]
fn repeat(repeat: String) -> String {
    repeat
}

fn main() {}
