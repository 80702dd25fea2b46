use mcp_parity::{completion, prompt, resource, tool};

#[tool]
struct Find;

#[resource("text://all")]
const TEXT: &str = "";

#[prompt]
mod review {}

#[completion(prompt = "review", argument = "language")]
enum Language {}

fn main() {}
