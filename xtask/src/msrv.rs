//! The oldest toolchain that suffices.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{self, cargo};
use crate::steps::Outcome;
use crate::workspace::Workspace;

/// Checks that the manifests name the toolchain in use, and that it suffices.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    let used = process::output(Command::new("rustc").arg("--version").current_dir(workspace.root()))?;
    let used = used.split(' ').nth(1).unwrap_or_default();
    for package in workspace.packages() {
        match &package.rust_version {
            Some(named) if is_release_of(used, named) => {}
            Some(named) => {
                return Err(Failure::new(format!(
                    "{} says rust-version {named}, this toolchain is {used}; run this chore with Rust {named}",
                    package.name
                )));
            }
            None if package.published => return Err(Failure::new(format!("{} says no rust-version", package.name))),
            None => {}
        }
    }
    process::run(cargo(workspace).args(["check", "--workspace", "--all-targets"]))?;
    Ok(Outcome::Passed)
}

/// Whether 1.95.2 is a release of 1.95.
fn is_release_of(release: &str, version: &str) -> bool {
    release == version || release.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_belongs_to_its_version() {
        assert!(is_release_of("1.95.0", "1.95"));
        assert!(is_release_of("1.95.0", "1.95.0"));
        assert!(!is_release_of("1.95.0", "1.9"));
        assert!(!is_release_of("1.96.0", "1.95"));
    }
}
