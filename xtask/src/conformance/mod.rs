//! The official conformance suite against the server of `examples/everything`, by itself and behind `mcp gateway`, against its client,
//! and its authorization command against `examples/team-server`.
//!
//! The suite's exit code only tells of scenarios it scores, and never of warnings, so every
//! check it wrote down is read: a failure or a warning anywhere fails, and what was skipped
//! has to be in the table of `docs/conformance.md`.

mod authorization;
mod checks;
mod client;
mod server;
mod skips;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::checks::{Check, Status};
use self::server::Server;
use self::skips::Skip;
use crate::failure::{Doing as _, Failure, Result};
use crate::process::{self, cargo};
use crate::setup;
use crate::steps::Outcome;
use crate::workspace::Workspace;

/// Scenarios that are run together.
struct Set {
    name: &'static str,
    /// What to ask of the suite, one invocation each.
    runs: &'static [&'static [&'static str]],
}

const SETS: [Set; 3] = [
    Set { name: "2025-11-25", runs: &[&["--requirements", "2025-11-25"]] },
    Set { name: "2026-07-28", runs: &[&["--requirements", "2026-07-28"]] },
    Set {
        name: "skills",
        runs: &[
            &["--scenario", "sep-2640-skills-enumeration"],
            &["--scenario", "sep-2640-skills-directory"],
            &["--scenario", "sep-2640-skills-manifest"],
        ],
    },
];

/// What the name of a set begins with when it is run behind a gateway.
const BEHIND: &str = "gateway ";

/// Where skips are accounted for.
const TABLE: &str = "docs/conformance.md";

pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    process::run(cargo(workspace).args(["build", "--package", "everything", "--bin", "everything"]))?;
    process::run(cargo(workspace).args(["build", "--package", "mcp-parity-cli"]))?;
    let results = workspace.target().join("conformance");
    if results.exists() {
        fs::remove_dir_all(&results).doing(|| format!("removing {}", results.display()))?;
    }
    fs::create_dir_all(&results).doing(|| format!("creating {}", results.display()))?;

    let programs = workspace.target().join("debug");
    let mut found = Found::default();
    let server = Server::start(&programs.join("everything"), &results.join("server.log"))?;
    found.ask(workspace, &server, "", &SETS, &results)?;
    drop(server);
    let server = Server::start_behind(&programs.join("mcp"), &programs.join("everything"), &results.join("gateway.log"))?;
    found.ask(workspace, &server, BEHIND, &SETS, &results)?;
    drop(server);
    let Found { mut checks, mut failures } = found;
    failures.extend(SETS.iter().filter_map(|set| difference(set.name, &checks)));
    checks.extend(client::run(workspace, &results, &mut failures)?);
    match authorization::run(workspace, &results) {
        Ok(found) => checks.push(("authorization".to_owned(), found)),
        Err(failure) => failures.push(failure.to_string()),
    }

    println!();
    for (name, checks) in &checks {
        print_counts(name, checks);
        failures.extend(checks.iter().filter(|check| check.status.is_bad()).map(|check| format!("{name}: {check}")));
    }
    let all = checks.iter().flat_map(|(_, checks)| checks);
    failures.extend(unaccounted(&skips::read(&workspace.read(TABLE)?), all));
    if failures.is_empty() {
        return Ok(Outcome::Passed);
    }
    Err(Failure::new(format!("conformance: {} problems\n  {}", failures.len(), failures.join("\n  "))))
}

/// Runs the suite, which writes what it says to `log`; why that failed, if it did.
fn say(suite: &mut Command, log: &Path) -> Option<String> {
    process::run_into(suite, log).err().map(|failure| failure.to_string())
}

/// What the suite found out.
#[derive(Default)]
struct Found {
    checks: Vec<(String, Vec<Check>)>,
    failures: Vec<String>,
}

impl Found {
    /// Runs sets of scenarios against a server.
    fn ask(&mut self, workspace: &Workspace, server: &Server, prefix: &str, sets: &[Set], results: &Path) -> Result<()> {
        for set in sets {
            let name = format!("{prefix}{}", set.name);
            let directory = results.join(name.replace(' ', "-"));
            for options in set.runs {
                let said = results.join(format!("{prefix}{}.log", options[1]).replace(' ', "-"));
                self.failures.extend(say(&mut suite(workspace, server.url(), options, &directory), &said));
            }
            let found = checks::read_all(&directory)?;
            if found.is_empty() {
                self.failures.push(format!("{name}: the suite wrote down no checks"));
            }
            self.checks.push((name, found));
        }
        Ok(())
    }
}

fn suite(workspace: &Workspace, url: &str, options: &[&str], directory: &Path) -> Command {
    let mut suite = Command::new(setup::node(workspace));
    suite.arg(setup::suite(workspace)).args(["server", "--url", url]).args(options).arg("-o").arg(directory);
    suite.current_dir(workspace.root());
    suite
}

fn print_counts(name: &str, checks: &[Check]) {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let scenarios: BTreeSet<&str> = checks.iter().map(|check| check.scenario.as_str()).collect();
    println!(
        "{:<20}{} scenarios, {} checks: {} passed, {} failed, {} warnings, {} skipped, {} for information",
        name,
        scenarios.len(),
        checks.len(),
        count(Status::Success),
        count(Status::Failure),
        count(Status::Warning),
        count(Status::Skipped),
        count(Status::Info),
    );
    for check in checks.iter().filter(|check| check.status == Status::Skipped) {
        println!("{:<20}{check}", "");
    }
}

/// Skips that the table does not have, and rows of the table that were not skipped.
fn unaccounted<'a>(listed: &BTreeSet<Skip>, checks: impl Iterator<Item = &'a Check>) -> Vec<String> {
    let skipped: BTreeSet<Skip> = checks
        .filter(|check| check.status == Status::Skipped)
        .map(|check| Skip { scenario: check.scenario.clone(), check: check.id.clone() })
        .collect();
    let missing = skipped.difference(listed).map(|skip| format!("{TABLE} does not say why {skip} was skipped"));
    let stale = listed.difference(&skipped).map(|skip| format!("{TABLE} has a row for {skip}, which was not skipped"));
    missing.chain(stale).collect()
}

/// How the checks of a set end differently behind a gateway, if they do.
fn difference(set: &str, checks: &[(String, Vec<Check>)]) -> Option<String> {
    let ends = |name: &str| -> Vec<String> {
        let found = checks.iter().filter(|(known, _)| known == name).flat_map(|(_, found)| found);
        let found = found.filter(|check| check.status != Status::Info);
        let mut ends: Vec<_> = found.map(|check| format!("{}/{} {:?}", check.scenario, check.id, check.status)).collect();
        ends.sort();
        ends
    };
    let (mut plain, mut behind) = (ends(set), ends(&format!("{BEHIND}{set}")));
    // A check may be made more than once, and then as often on both sides.
    plain.retain(|end| behind.iter().position(|other| other == end).map(|at| behind.remove(at)).is_none());
    let differs = !plain.is_empty() || !behind.is_empty();
    differs.then(|| format!("{set}: only over HTTP: {}; only behind the gateway: {}", plain.join(", "), behind.join(", ")))
}

/// The directories in a directory.
fn directories(path: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(path) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.doing(|| format!("listing {}", path.display()))?.path();
        if entry.is_dir() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_ends_differently_behind_the_gateway_is_named() {
        let check = |id: &str, status| Check { scenario: "s".to_owned(), id: id.to_owned(), status, message: None };
        let plain = vec![check("a", Status::Success), check("b", Status::Success)];
        let sets = |behind| vec![("x".to_owned(), plain_of(&plain)), ("gateway x".to_owned(), behind)];
        assert_eq!(difference("x", &sets(plain_of(&plain))), None);
        let found = difference("x", &sets(vec![check("a", Status::Success), check("b", Status::Skipped), check("c", Status::Info)]));
        assert_eq!(found.as_deref(), Some("x: only over HTTP: s/b Success; only behind the gateway: s/b Skipped"));
    }

    fn plain_of(checks: &[Check]) -> Vec<Check> {
        checks
            .iter()
            .map(|check| Check { scenario: check.scenario.clone(), id: check.id.clone(), status: check.status, message: None })
            .collect()
    }

    #[test]
    fn every_skip_has_a_row_and_every_row_a_skip() {
        let check = |id: &str, status| Check { scenario: "s".to_owned(), id: id.to_owned(), status, message: None };
        let checks = [check("listed", Status::Skipped), check("new", Status::Skipped), check("passed", Status::Success)];
        let row = |id: &str| Skip { scenario: "s".to_owned(), check: id.to_owned() };
        let listed = BTreeSet::from([row("listed"), row("passed")]);
        assert_eq!(
            unaccounted(&listed, checks.iter()),
            ["docs/conformance.md does not say why s/new was skipped", "docs/conformance.md has a row for s/passed, which was not skipped"]
        );
    }
}
