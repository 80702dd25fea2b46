//! Running the program, and reading its report.

use std::process::{Command, Stdio};

use serde_json::Value;

pub(crate) use crate::run::Run;

/// Runs the program with these words, for somebody who has no logins.
pub(crate) async fn mcp(words: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp"));
    command.args(words).env("HOME", "/nonexistent").env("XDG_CONFIG_HOME", "/nonexistent");
    run(command).await
}

/// Runs a program to its end.
pub(crate) async fn run(mut command: Command) -> Run {
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || {
        let output = command.output().expect("the program exists");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints text");
        Run { code: output.status.code().expect("it exits by itself"), out: text(output.stdout), err: text(output.stderr) }
    })
    .await
    .expect("it runs")
}

impl Run {
    /// The report in JSON.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// The checks of a report that have this result.
pub(crate) fn checks<'r>(report: &'r Value, result: &str) -> Vec<&'r Value> {
    let checks = report["checks"].as_array().expect("there are checks");
    checks.iter().filter(|check| check["result"] == result).collect()
}

/// The names of those.
pub(crate) fn names(report: &Value, result: &str) -> Vec<String> {
    checks(report, result).into_iter().filter_map(|check| check["id"].as_str().map(str::to_owned)).collect()
}
