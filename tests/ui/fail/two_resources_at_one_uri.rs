use mcp_parity::resource;

struct Notes;

#[resource]
impl Notes {
    /// All notes.
    #[resource("notes://all")]
    fn all(&self) -> &str {
        "all"
    }

    /// Every note.
    #[resource("notes://all")]
    fn every(&self) -> &str {
        "all"
    }
}

fn main() {}
