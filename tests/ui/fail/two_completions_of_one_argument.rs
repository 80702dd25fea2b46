use mcp_parity::completion;

struct Notes;

#[completion]
impl Notes {
    #[completion(prompt = "say", argument = "note")]
    fn some(typed: String) -> Vec<String> {
        vec![typed]
    }

    #[completion(prompt = "say", argument = "note")]
    fn more(typed: String) -> Vec<String> {
        vec![typed]
    }
}

fn main() {}
