//! `mcp completion`: what shells need to complete command lines.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::command::Cli;
use crate::failure::Failure;

/// Print a script with which a shell completes the command lines of `mcp`
#[derive(Args, Debug)]
pub(crate) struct Completion {
    /// The shell
    shell: Shell,
}

impl Completion {
    /// Prints the script.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "mcp", &mut script);
        Ok(std::io::Write::write_all(&mut std::io::stdout(), &script)?)
    }
}
