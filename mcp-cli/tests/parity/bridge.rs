//! `mcp bridge` to the server, which tells callers apart by their tokens: the bridge shows that of its own.

use std::process::Command;

use mcp_testkit::{Behind, Front};

use crate::suite::MCP;

/// The environment variable that holds the token.
const TOKEN: &str = "PARITY_TOKEN";

/// A bridge that speaks what it finds.
pub(crate) fn bridge() -> Front {
    Front::stdio("bridge", |behind| Ok(command(behind, "auto")))
}

/// A bridge that speaks the same revision on both sides.
pub(crate) fn same_revision() -> Front {
    Front::stdio("bridge, one revision", |behind| Ok(command(behind, behind.revision().as_str()))).only(|revision| !revision.is_modern())
}

fn command(behind: &Behind<'_>, era: &str) -> Command {
    let mut command = Command::new(MCP);
    command.args(["bridge", "--bearer-env", TOKEN, "--era", era, &behind.url()]).env(TOKEN, behind.token());
    command.env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN");
    command
}
