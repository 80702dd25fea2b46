//! Running programs.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Doing as _, Failure, Result};
use crate::workspace::Workspace;

/// The cargo that runs this chore, in the workspace.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace.root());
    command
}

/// Shows a command, runs it and waits; its output is the user's to see.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().doing(|| format!("`{shown}` could not be started"))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{shown}` failed ({status})"))) }
}

/// As [`run`], for a command that says more than anybody reads: it is written to a file.
pub(crate) fn run_into(command: &mut Command, file: &Path) -> Result<()> {
    let log = File::create(file).doing(|| format!("creating {}", file.display()))?;
    command.stdout(log);
    run(command).map_err(|failure| Failure::new(format!("{failure}; what it said is in {}", file.display())))
}

/// What a command writes to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.output().doing(|| format!("`{shown}` could not be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("`{shown}` failed ({}):\n{}", output.status, said.trim_end())));
    }
    String::from_utf8(output.stdout).doing(|| format!("reading the output of `{shown}`"))
}

/// Whether a program is there and runs.
pub(crate) fn runs(program: &str, argument: &str) -> bool {
    let status = Command::new(program).arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// A command as one would type it, with the program's name instead of its path.
fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program()).to_string_lossy();
    let words = command.get_args().map(|word| word.to_string_lossy());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}
