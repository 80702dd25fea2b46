//! Searches and reads a source tree: the current directory, or the one `CODE_SEARCH_ROOT` names.
//!
//! `CODE_SEARCH_CHECK` is the command that checks the project, `cargo check` by default.

#[tokio::main]
async fn main() -> mcp_parity::Result<()> {
    code_search::server()?.run().await
}
