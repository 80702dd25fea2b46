use mcp_parity::completion;

#[completion(prompt = "review", argument = "language")]
fn languages() -> Vec<String> {
    Vec::new()
}

fn main() {}
