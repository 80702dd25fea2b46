use mcp_parity::completion;

#[completion(argument = "language")]
fn languages(typed: String) -> Vec<String> {
    vec![typed]
}

fn main() {}
