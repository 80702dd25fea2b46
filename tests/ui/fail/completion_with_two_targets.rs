use mcp_parity::completion;

#[completion(prompt = "review", resource = "file:///{+path}", argument = "path")]
fn paths(typed: String) -> Vec<String> {
    vec![typed]
}

fn main() {}
