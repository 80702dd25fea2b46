//! What cargo itself can check.

use crate::failure::Result;
use crate::fuzz;
use crate::process::{self, cargo};
use crate::steps::Outcome;
use crate::workspace::Workspace;

/// `fuzz/` and the servers on rmcp are workspaces of their own, which `--all` does not reach.
pub(crate) fn fmt(workspace: &Workspace) -> Result<Outcome> {
    process::run(cargo(workspace).args(["fmt", "--all", "--check"]))?;
    for manifest in ["fuzz/Cargo.toml", "benches/rmcp-hello/Cargo.toml", "docs/parity-of-others/rmcp/Cargo.toml"] {
        process::run(cargo(workspace).args(["fmt", "--manifest-path", manifest, "--check"]))?;
    }
    Ok(Outcome::Passed)
}

pub(crate) fn clippy(workspace: &Workspace) -> Result<Outcome> {
    process::run(cargo(workspace).args(["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))?;
    process::run(fuzz::cargo(workspace, "clippy").args(["--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::Passed)
}

/// Each published library with each of its features alone, and with none.
pub(crate) fn features(workspace: &Workspace) -> Result<Outcome> {
    for package in workspace.packages().iter().filter(|package| package.published && !package.features.is_empty()) {
        for feature in std::iter::once("").chain(package.features.iter().map(String::as_str)) {
            let mut clippy = cargo(workspace);
            clippy.args(["clippy", "--package", &package.name, "--no-default-features"]);
            if !feature.is_empty() {
                clippy.args(["--features", feature]);
            }
            process::run(clippy.args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(Outcome::Passed)
}

/// Benchmarks are built by clippy and run by `cargo bench` only.
pub(crate) fn test(workspace: &Workspace) -> Result<Outcome> {
    process::run(cargo(workspace).args(["test", "--workspace"]))?;
    // What is there only with a feature that the workspace does without: it brings many crates.
    let keyring = ["test", "--package", "mcp-parity-cli", "--features", "keyring", "--test", "doctor", "keyring"];
    process::run(cargo(workspace).args(keyring))?;
    Ok(Outcome::Passed)
}

pub(crate) fn doc(workspace: &Workspace) -> Result<Outcome> {
    process::run(cargo(workspace).args(["doc", "--workspace", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::Passed)
}
