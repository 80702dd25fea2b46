//! The fixture server in a process of its own.

use mcp_tests::{callers, server, unrestricted};

fn main() -> mcp_parity::Result<()> {
    mcp_testkit::serve_if_asked(server, &[callers(), unrestricted()].concat());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(server().run())
}
