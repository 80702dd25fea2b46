//! The steps of `cargo xtask test`, in the order in which they fail soonest.

use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{conformance, deny, fuzz, instructions, rust, setup, tidy};

/// How a step ended that did not fail.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// It could not run here, for this reason.
    Skipped(String),
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    run: fn(&Workspace) -> Result<Outcome>,
}

pub(crate) const STEPS: &[Step] = &[
    Step { name: "setup", what: "what the other steps need: npm packages, valgrind, Chromium, a keyring", run: setup::run },
    Step { name: "fmt", what: "formatting", run: rust::fmt },
    Step { name: "tidy", what: "the rules that neither compiler nor clippy knows", run: tidy::run },
    Step { name: "clippy", what: "lints", run: rust::clippy },
    Step { name: "features", what: "each feature alone compiles without warnings", run: rust::features },
    Step { name: "test", what: "unit, golden, UI, documentation and parity tests", run: rust::test },
    Step { name: "doc", what: "documentation builds without warnings", run: rust::doc },
    Step { name: "deny", what: "licences and banned crates, where cargo-deny is installed", run: deny::run },
    Step { name: "fuzz", what: "a few seconds of each fuzz target", run: fuzz::run },
    Step {
        name: "conformance",
        what: "the official MCP suite against examples/everything and examples/team-server",
        run: conformance::run,
    },
    Step { name: "instructions", what: "instructions per request, against the recorded numbers", run: instructions::run },
];

/// Runs the named steps, or all of them, up to the first that fails.
pub(crate) fn run(workspace: &Workspace, names: &[&str]) -> Result<()> {
    let chosen = if names.is_empty() { STEPS.iter().collect() } else { names.iter().map(|name| find(name)).collect::<Result<Vec<_>>>()? };
    let mut summary = Vec::new();
    let mut failure = None;
    for (position, step) in chosen.iter().enumerate() {
        println!("\n== {}: {} ({} of {})", step.name, step.what, position + 1, chosen.len());
        let start = Instant::now();
        let ended = (step.run)(workspace);
        let (result, note) = match ended {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::Skipped(why)) => {
                println!("skipped: {why}");
                ("skipped", format!("  ({why})"))
            }
            Err(error) => {
                failure = Some(error);
                ("FAILED", String::new())
            }
        };
        summary.push(format!("{:<14}{result:<9}{:>8}{note}", step.name, in_words(start.elapsed())));
        if failure.is_some() {
            break;
        }
    }
    println!("\n== summary");
    for line in summary {
        println!("{line}");
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

fn find(name: &str) -> Result<&'static Step> {
    STEPS.iter().find(|step| step.name == name).ok_or_else(|| {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        Failure::new(format!("there is no step `{name}`; there are {}", names.join(", ")))
    })
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 { format!("{seconds:.1} s") } else { format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60) }
}
