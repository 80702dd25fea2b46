use mcp_parity::completion;

#[completion(resource = "repo://{owner}/{name}", argument = "nmae")]
fn names(typed: String, user: Option<String>) -> Vec<String> {
    vec![typed, user.unwrap_or_default()]
}

#[completion(resource = "text://all", argument = "name")]
fn nothing(typed: String) -> Vec<String> {
    vec![typed]
}

fn main() {}
