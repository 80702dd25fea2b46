//! The suite's command for clients, against `everything-client`: the suite is the server, and starts the client for each scenario.

use std::path::Path;
use std::process::Command;

use super::checks::{self, Check};
use super::{Set, say};
use crate::failure::Result;
use crate::process::{self, cargo};
use crate::setup;
use crate::workspace::Workspace;

const SETS: [Set; 4] = [
    Set { name: "client 2025-11-25", runs: &[&["--requirements", "2025-11-25"]] },
    Set { name: "client 2026-07-28", runs: &[&["--requirements", "2026-07-28"]] },
    Set { name: "client extensions", runs: &[&["--suite", "extensions"], &["--scenario", "sep-2640-client-no-prefetch"]] },
    Set { name: "client 2025-03-26", runs: &[&["--suite", "backcompat", "--spec-version", "2025-03-26"]] },
];

/// Runs it and answers, for each set, the checks that it wrote down below `results`.
pub(super) fn run(workspace: &Workspace, results: &Path, failures: &mut Vec<String>) -> Result<Vec<(String, Vec<Check>)>> {
    process::run(cargo(workspace).args(["build", "--package", "everything", "--features", "client", "--bin", "everything-client"]))?;
    let mut checks = Vec::new();
    for set in &SETS {
        let directory = results.join(set.name.replace(' ', "-"));
        for options in set.runs {
            let log = results.join(format!("client-{}.log", options[1]));
            failures.extend(say(&mut suite(workspace, options, &directory), &log));
        }
        let found = checks::read_all(&directory)?;
        if found.is_empty() {
            failures.push(format!("{}: the suite wrote down no checks", set.name));
        }
        checks.push((set.name.to_owned(), found));
    }
    Ok(checks)
}

fn suite(workspace: &Workspace, options: &[&str], directory: &Path) -> Command {
    let client = workspace.target().join("debug/everything-client");
    let mut suite = Command::new(setup::node(workspace));
    suite.arg(setup::suite(workspace)).args(["client", "--command"]).arg(client).args(options).arg("-o").arg(directory);
    suite.current_dir(workspace.root());
    suite
}
