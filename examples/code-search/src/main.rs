//! Searches and reads a source tree: the current directory, or the one `CODE_SEARCH_ROOT` names.
//!
//! `CODE_SEARCH_CHECK` is the command that checks the project, `cargo check` by default.

mod tools;

use code_search::SourceTree;
use mcp_parity::Server;

use crate::tools::CheckCommand;

#[tokio::main]
async fn main() -> mcp_parity::Result<()> {
    let root = std::env::var_os("CODE_SEARCH_ROOT").unwrap_or_else(|| ".".into());
    let tree = SourceTree::open(root).map_err(|error| mcp_parity::Error::Config(error.to_string()))?;
    Server::linked()?
        .named("code-search", env!("CARGO_PKG_VERSION"))
        .instructions("Search first, then read the lines around a match. Paths are relative to the root of the tree.")
        .state(tree)
        .state(CheckCommand::from_env())
        .run()
        .await
}
