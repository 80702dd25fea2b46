//! Builds this project's hello server and rmcp's from nothing, and compares what that took.
//!
//! `cargo run -p mcp-bench --bin build_compare -- [--ours DIR] [--rmcp DIR] [--jobs N]`
//!
//! Both are built with cargo's own release profile and stripped, whatever their manifests say, into empty target
//! directories, one after the other, from sources that were fetched before the clock started.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use mcp_bench::{
    Error, Result,
    args::Args,
    report::{line, ratio},
};
use serde_json::Value;

/// What both are built with; stronger than any manifest.
const PROFILE: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_LTO", "false"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_PANIC", "unwind"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
];

struct Build {
    seconds: f64,
    crates: usize,
    bytes: u64,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut args = Args::from_env();
    let ours: PathBuf = args.value("--ours")?.unwrap_or_else(|| here.join("../examples/hello"));
    let rmcp: PathBuf = args.value("--rmcp")?.unwrap_or_else(|| here.join("rmcp-hello"));
    let jobs = args.value("--jobs")?.unwrap_or(2);
    args.finish()?;

    for package in [&ours, &rmcp] {
        cargo(package, "fetch", &[])?;
    }
    let (ours, rmcp) = (build("ours", &ours, jobs)?, build("rmcp", &rmcp, jobs)?);
    print(&ours, &rmcp, jobs)
}

fn build(name: &str, package: &Path, jobs: usize) -> Result<Build> {
    eprintln!("building {}", package.display());
    let target = env::temp_dir().join(format!("build-compare-{}-{name}", std::process::id()));
    let target_dir = target.display().to_string();
    let begun = Instant::now();
    let messages = cargo(
        package,
        "build",
        &["--release", "--offline", "--jobs", &jobs.to_string(), "--target-dir", &target_dir, "--message-format=json"],
    );
    let seconds = begun.elapsed().as_secs_f64();
    let built = messages.and_then(|messages| Ok((crates(&messages), executable_bytes(&messages, package)?)));
    // What a failed build leaves behind is in the temporary directory anyway.
    let _ = fs::remove_dir_all(&target);
    let (crates, bytes) = built?;
    Ok(Build { seconds, crates, bytes })
}

/// How many packages were compiled, the program itself and what its build needs included.
fn crates(messages: &[Value]) -> usize {
    let artifacts = messages.iter().filter(|message| message["reason"] == "compiler-artifact");
    artifacts.filter_map(|message| message["package_id"].as_str()).collect::<BTreeSet<_>>().len()
}

/// The size of the one program a package builds.
fn executable_bytes(messages: &[Value], package: &Path) -> Result<u64> {
    let programs: Vec<_> = messages.iter().filter_map(|message| message["executable"].as_str()).collect();
    let [program] = programs.as_slice() else {
        return Err(Error::Usage(format!("{} builds {} programs, not one", package.display(), programs.len())));
    };
    let metadata = fs::metadata(program).map_err(|source| Error::Io { doing: (*program).to_owned(), source })?;
    Ok(metadata.len())
}

/// Runs cargo on a package and returns the messages it prints, if any.
fn cargo(package: &Path, command: &str, args: &[&str]) -> Result<Vec<Value>> {
    let manifest = package.join("Cargo.toml");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .arg(command)
        .arg("--manifest-path")
        .arg(&manifest)
        .args(args)
        .envs(PROFILE)
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS")
        .stderr(Stdio::piped())
        .output()
        .map_err(|source| Error::Io { doing: format!("running cargo {command}"), source })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Usage(format!("cargo {command} of {} fails:\n{stderr}", manifest.display())));
    }
    let messages = output.stdout.split(|&byte| byte == b'\n');
    Ok(messages.filter_map(|message| serde_json::from_slice(message).ok()).collect())
}

fn print(ours: &Build, rmcp: &Build, jobs: usize) -> Result<()> {
    let mut text = format!("clean release build, stripped, {jobs} jobs\n");
    line(&mut text, "", "", &["ours", "rmcp", "ours/rmcp"]);
    let mut row = |name, of: fn(&Build) -> f64| {
        let values = [of(ours), of(rmcp)];
        let [ours, rmcp] = values.map(|value| format!("{value:.0}"));
        line(&mut text, "", name, &[ours, rmcp, ratio(Some(values[0] / values[1]))]);
    };
    row("seconds", |build| build.seconds);
    row("crates", |build| build.crates as f64);
    row("bytes", |build| build.bytes as f64);
    io::stdout().write_all(text.as_bytes()).map_err(|source| Error::Io { doing: "printing".into(), source })
}
