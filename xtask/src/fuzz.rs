//! Short runs of the fuzz targets, on the stable toolchain.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::steps::Outcome;
use crate::workspace::Workspace;

const MANIFEST: &str = "fuzz/Cargo.toml";
/// Enough to try each target some ten thousand times.
const SECONDS: u64 = 5;

/// `cargo` with a command for the fuzz targets; what it builds is kept apart from the workspace's.
pub(crate) fn cargo(workspace: &Workspace, command: &str) -> Command {
    let mut cargo = process::cargo(workspace);
    cargo.args([command, "--manifest-path", MANIFEST, "--target-dir"]).arg(directory(workspace));
    cargo
}

fn directory(workspace: &Workspace) -> std::path::PathBuf {
    workspace.target().join("fuzz")
}

pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    run_for(workspace, SECONDS)
}

/// Runs each target for some seconds, and all of them even if one fails.
pub(crate) fn run_for(workspace: &Workspace, seconds: u64) -> Result<Outcome> {
    process::run(cargo(workspace, "build").args(["--release", "--quiet"]))?;
    process::run(cargo(workspace, "test").args(["--release", "--quiet", "--lib"]))?;
    let targets: Vec<String> = workspace.packages_of(MANIFEST)?.into_iter().flat_map(|package| package.binaries).collect();
    let mut failed = Vec::new();
    for target in &targets {
        let program = directory(workspace).join("release").join(target);
        let mut command = Command::new(program);
        command.current_dir(workspace.root()).arg(seconds.to_string());
        if process::run(&mut command).is_err() {
            failed.push(target.as_str());
        }
    }
    if targets.is_empty() {
        return Err(Failure::new("there are no fuzz targets"));
    }
    if failed.is_empty() {
        return Ok(Outcome::Passed);
    }
    Err(Failure::new(format!("fuzzing failed for {}; the inputs are in fuzz/artifacts", failed.join(", "))))
}
