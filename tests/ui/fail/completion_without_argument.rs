use mcp_parity::completion;

#[completion(prompt = "review")]
fn languages(typed: String) -> Vec<String> {
    vec![typed]
}

fn main() {}
