//! Items inside a function, with types only known there.
#![deny(warnings)]

fn main() {
    #[derive(mcp_parity::serde::Deserialize, mcp_parity::schemars::JsonSchema)]
    #[serde(crate = "mcp_parity::serde")]
    #[schemars(crate = "mcp_parity::schemars")]
    struct Query {
        text: String,
    }

    /// Finds text.
    #[mcp_parity::tool]
    fn find(query: Query, #[arg(default = 1)] limit: u8) -> String {
        format!("{}{limit}", query.text)
    }

    use mcp_parity::__private::{ToolDef, inventory};
    assert_eq!(inventory::iter::<ToolDef>().count(), 1);
}
