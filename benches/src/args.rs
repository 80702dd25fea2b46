//! Command-line arguments, without a parser crate.
//!
//! The servers measured here must start as fast as their authors can make them, and the benchmarks take a handful
//! of options, so a list of words that is emptied option by option is enough.

use std::{env, process::ExitCode, str::FromStr};

use crate::{Error, Result};

/// Runs a benchmark, with the arguments that are left for it, and says why it failed if it did.
pub fn bench(run: impl FnOnce(Args) -> Result<()>) -> ExitCode {
    let mut args = Args::from_env();
    // `cargo test --all-targets` runs benchmarks too, without this.
    if !args.flag("--bench") {
        eprintln!("skipped: this is for `cargo bench`, which passes --bench");
        return ExitCode::SUCCESS;
    }
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The words of a command line that no option has claimed yet.
#[derive(Debug)]
pub struct Args(Vec<String>);

impl Args {
    /// Takes the arguments of this process.
    #[must_use]
    pub fn from_env() -> Self {
        Self(env::args().skip(1).collect())
    }

    /// Claims the first word if it is not an option, which is how subcommands are written.
    pub fn subcommand(&mut self) -> Option<String> {
        let is_word = self.0.first().is_some_and(|word| !word.starts_with('-'));
        is_word.then(|| self.0.remove(0))
    }

    /// Claims `name` and says whether it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// Claims `name` and the value that follows it.
    ///
    /// # Errors
    /// [`Error::Usage`] if the value is missing or cannot be read as a `T`.
    pub fn value<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if at + 1 >= self.0.len() {
            return Err(Error::Usage(format!("{name} needs a value")));
        }
        let value = self.0.remove(at + 1);
        self.0.remove(at);
        match value.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Error::Usage(format!("{name} cannot be `{value}`"))),
        }
    }

    /// Checks that every word was claimed.
    ///
    /// # Errors
    /// [`Error::Usage`] naming the first word that was not.
    pub fn finish(self) -> Result<()> {
        match self.0.into_iter().next() {
            Some(word) => Err(Error::Usage(format!("unexpected argument `{word}`"))),
            None => Ok(()),
        }
    }
}
