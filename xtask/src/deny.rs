//! Licences and banned crates, by deny.toml.

use crate::failure::Result;
use crate::process::{self, cargo};
use crate::steps::Outcome;
use crate::workspace::Workspace;

/// Advisories are not checked here: they change without the workspace changing.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    if process::output(cargo(workspace).args(["deny", "--version"])).is_err() {
        return Ok(Outcome::Skipped("cargo-deny is not installed".to_owned()));
    }
    process::run(cargo(workspace).args(["deny", "check", "licenses", "bans", "sources"]))?;
    Ok(Outcome::Passed)
}
