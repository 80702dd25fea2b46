//! Pictures of the authorization server's pages, for `docs/pages.md`.

use std::fs;

use crate::failure::{Doing as _, Result};
use crate::process::{self, cargo};
use crate::steps::Outcome;
use crate::workspace::Workspace;

const PAGES: &str = "mcp-auth/src/server/pages/golden";
const PICTURES: &str = "docs/screenshots";

/// Draws every page anew and leaves no picture of one that there no longer is.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    let pictures = workspace.root().join(PICTURES);
    if pictures.exists() {
        fs::remove_dir_all(&pictures).doing(|| format!("removing {PICTURES}"))?;
    }
    fs::create_dir_all(&pictures).doing(|| format!("creating {PICTURES}"))?;
    process::run(cargo(workspace).args(["run", "--package", "mcp-tests", "--bin", "screenshots", "--", PAGES, PICTURES]))?;
    Ok(Outcome::Passed)
}
