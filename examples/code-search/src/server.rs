//! The server of a source tree.

use mcp_parity::Server;

use crate::SourceTree;
use crate::tools::CheckCommand;

/// A server of the current directory's source tree, or of the one that `CODE_SEARCH_ROOT` names.
///
/// `CODE_SEARCH_CHECK` is the command that checks the project, `cargo check` by default.
///
/// # Errors
/// When the directory cannot be opened.
pub fn server() -> mcp_parity::Result<Server> {
    let root = std::env::var_os("CODE_SEARCH_ROOT").unwrap_or_else(|| ".".into());
    let tree = SourceTree::open(root).map_err(|error| mcp_parity::Error::Config(error.to_string()))?;
    let server = Server::linked()?.named("code-search", env!("CARGO_PKG_VERSION"));
    let server = server.instructions("Search first, then read the lines around a match. Paths are relative to the root of the tree.");
    Ok(server.state(tree).state(CheckCommand::from_env()))
}
