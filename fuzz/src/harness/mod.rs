//! A small fuzzer: mutates seeds and keeps what makes a target do something new.
//!
//! The sequence of inputs depends on the target's name and nothing else, so a run that fails
//! fails again. There is no coverage to guide it; the targets say what they did instead.

mod artifact;
mod json;
mod mutate;
mod random;
mod seeds;
mod watch;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::mutate::mutate;
pub(crate) use self::random::Random;
use self::watch::Watch;
use crate::Behaviour;

/// A function that panics when a promise is broken.
pub type Target = fn(&[u8]) -> Behaviour;

/// Most inputs that are kept for mutation.
const MAX_CORPUS: usize = 10_000;
/// Longest input made, in bytes.
const MAX_LENGTH: usize = 4_096;

/// The program of one target: `NAME [SECONDS]`, or `NAME FILE…` to repeat inputs.
pub fn main(name: &'static str, target: Target) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seconds = match words.as_slice() {
        [] => Some(5),
        [word] => word.parse().ok(),
        _ => None,
    };
    let runner = Runner::new(name, target);
    let done = match seconds {
        Some(seconds) => fuzz(&runner, Duration::from_secs(seconds)),
        None => repeat(&runner, &words),
    };
    match done {
        Ok(said) => {
            println!("{name}: {said}");
            ExitCode::SUCCESS
        }
        Err(said) => {
            eprintln!("{name}: {said}");
            ExitCode::FAILURE
        }
    }
}

fn fuzz(runner: &Runner, time: Duration) -> Result<String, String> {
    let mut corpus = seeds::read(runner.name).map_err(|error| format!("the seeds cannot be read: {error}"))?;
    let mut random = Random::new(runner.name);
    let mut seen = HashSet::new();
    for seed in &corpus {
        seen.insert(runner.run(seed).map_err(|why| failed(runner, seed, &why))?);
    }
    let (start, mut runs) = (Instant::now(), corpus.len());
    while start.elapsed() < time {
        let input = mutate(&corpus, MAX_LENGTH, &mut random);
        let behaviour = runner.run(&input).map_err(|why| failed(runner, &input, &why))?;
        runs += 1;
        if seen.insert(behaviour) && corpus.len() < MAX_CORPUS {
            corpus.push(input);
        }
    }
    let elapsed = start.elapsed().as_secs_f64();
    Ok(format!("{runs} runs in {elapsed:.1} s ({:.0} a second), {} behaviours", runs as f64 / elapsed.max(0.001), seen.len()))
}

/// Makes a failing input smaller, keeps it, and says so.
fn failed(runner: &Runner, input: &[u8], why: &str) -> String {
    let smaller = artifact::shrink(input, |input| runner.run(input).is_err());
    let why = runner.run(&smaller).err().unwrap_or_else(|| why.to_owned());
    let kept = artifact::keep(runner.name, &smaller);
    format!("{why}\ninput ({} bytes): {}\n{kept}", smaller.len(), smaller.escape_ascii())
}

fn repeat(runner: &Runner, paths: &[String]) -> Result<String, String> {
    for path in paths {
        let input = std::fs::read(PathBuf::from(path)).map_err(|error| format!("{path} cannot be read: {error}"))?;
        runner.run(&input).map_err(|why| format!("{path}: {why}"))?;
    }
    Ok(format!("{} inputs are fine", paths.len()))
}

/// Runs a target, and tells a broken promise from a kept one.
struct Runner {
    name: &'static str,
    target: Target,
    watch: Watch,
    /// What the last panic said.
    panic: Arc<Mutex<String>>,
}

impl Runner {
    fn new(name: &'static str, target: Target) -> Self {
        let panic = Arc::new(Mutex::new(String::new()));
        let said = Arc::clone(&panic);
        std::panic::set_hook(Box::new(move |info| *said.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string()));
        Self { name, target, watch: Watch::start(name), panic }
    }

    fn run(&self, input: &[u8]) -> Result<Behaviour, String> {
        let _watched = self.watch.over(input);
        let ran = catch_unwind(AssertUnwindSafe(|| (self.target)(input)));
        ran.map_err(|_| self.panic.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
