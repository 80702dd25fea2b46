//! Instructions per request, counted by callgrind: a regression check that noise does not reach.

use crate::failure::Result;
use crate::process::{self, cargo};
use crate::setup;
use crate::steps::Outcome;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    if !setup::has_valgrind() {
        return Ok(Outcome::Skipped("valgrind is not installed".to_owned()));
    }
    process::run(cargo(workspace).args(["bench", "-p", "mcp-bench", "--bench", "instructions", "--", "--check"]))?;
    Ok(Outcome::Passed)
}
