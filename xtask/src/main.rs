//! Chores of this workspace: `cargo xtask help` names them.

#![allow(clippy::print_stdout, reason = "a command-line tool talks on the standard output")]

mod conformance;
mod deny;
mod failure;
mod fuzz;
mod instructions;
mod msrv;
mod process;
mod rust;
mod screenshots;
mod setup;
mod steps;
mod tidy;
mod workspace;

use std::process::ExitCode;

use crate::failure::{Failure, Result};
use crate::steps::{Outcome, STEPS};
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    let outcome = match words {
        [] | ["help" | "--help" | "-h"] => {
            print!("{}", usage());
            return Ok(());
        }
        ["test", names @ ..] => return steps::run(&Workspace::find()?, names),
        ["tidy"] => tidy::run(&Workspace::find()?)?,
        ["conformance"] => {
            let workspace = Workspace::find()?;
            setup::npm(&workspace)?;
            conformance::run(&workspace)?
        }
        ["fuzz"] => fuzz::run(&Workspace::find()?)?,
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run_for(&Workspace::find()?, seconds)?,
            Err(_) => return Err(Failure::new(format!("`{seconds}` is not a number of seconds"))),
        },
        ["screenshots"] => screenshots::run(&Workspace::find()?)?,
        ["msrv"] => msrv::run(&Workspace::find()?)?,
        ["deny"] => deny::run(&Workspace::find()?)?,
        _ => return Err(Failure::new(format!("there is no chore `{}`\n\n{}", words.join(" "), usage()))),
    };
    if let Outcome::Skipped(why) = outcome {
        println!("skipped: {why}");
    }
    Ok(())
}

fn usage() -> String {
    let mut text = "\
cargo xtask test [STEP…]    everything, or these steps in this order
cargo xtask tidy            the rules that neither compiler nor clippy knows
cargo xtask conformance     the official MCP suite against examples/everything, server and client, and examples/team-server
cargo xtask fuzz [SECONDS]  each fuzz target for so long (default 5)
cargo xtask msrv            whether the toolchain in use is the oldest one supported, and suffices
cargo xtask deny            licences and banned crates, where cargo-deny is installed
cargo xtask screenshots     the pictures in docs/screenshots, drawn by Chromium

Steps of `test`:
"
    .to_owned();
    for step in STEPS {
        text.push_str(&format!("  {:<14}{}\n", step.name, step.what));
    }
    text
}
