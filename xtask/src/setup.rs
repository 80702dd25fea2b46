//! What the steps need besides Rust, git, npm and Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::failure::{Doing as _, Failure, Result};
use crate::process;
use crate::steps::Outcome;
use crate::workspace::Workspace;

/// Packages from npm, by exact version: the suite, and a Node new enough to run it.
const NPM: [(&str, &str); 2] = [(SUITE, "0.2.0-alpha.12"), ("node", "22.23.3")];
const SUITE: &str = "@modelcontextprotocol/conformance";

/// Packages of Debian, and what is missing without them.
struct Debian {
    /// A program that comes with them.
    program: &'static str,
    packages: &'static [&'static str],
    without: &'static str,
}

const DEBIAN: [Debian; 3] = [
    Debian { program: "valgrind", packages: &["valgrind"], without: "the step `instructions` will be skipped" },
    Debian { program: "chromedriver", packages: &["chromium", "chromium-driver"], without: "nothing will be tried in a real browser" },
    Debian {
        program: "gnome-keyring-daemon",
        packages: &["dbus-daemon", "gnome-keyring"],
        without: "no login will be tried in a real keyring",
    },
];

pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    npm(workspace)?;
    DEBIAN.iter().try_for_each(debian)?;
    Ok(Outcome::Passed)
}

/// Installs the npm packages under the target directory, unless they are there.
pub(crate) fn npm(workspace: &Workspace) -> Result<()> {
    let directory = directory(workspace);
    let is_there = |(package, version): &(&str, &str)| installed(&directory, package).as_deref() == Some(*version);
    if NPM.iter().all(is_there) && check_node(workspace).is_ok() {
        println!("npm packages are installed");
        return Ok(());
    }
    if !process::runs("npm", "--version") {
        return Err(Failure::new("`npm` is not installed; the conformance suite is an npm package"));
    }
    fs::create_dir_all(&directory).doing(|| format!("creating {}", directory.display()))?;
    let manifest = directory.join("package.json");
    fs::write(&manifest, package_json().to_string()).doing(|| format!("writing {}", manifest.display()))?;
    let mut install = Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix"]).arg(&directory);
    process::run(&mut install)?;
    check_node(workspace)
}

/// `node` brings its program through an install script, which newer releases of npm only run when told to.
fn package_json() -> Value {
    let dependencies: serde_json::Map<String, Value> =
        NPM.iter().map(|(package, version)| ((*package).to_owned(), json!(version))).collect();
    json!({"private": true, "dependencies": dependencies, "allowScripts": {"node": true}})
}

fn check_node(workspace: &Workspace) -> Result<()> {
    let version = process::output(Command::new(node(workspace)).arg("--version"))?;
    let (_, wanted) = NPM[1];
    if version.trim().trim_start_matches('v') == wanted {
        return Ok(());
    }
    Err(Failure::new(format!("the npm package `node` brought {} instead of {wanted}", version.trim())))
}

fn installed(directory: &Path, package: &str) -> Option<String> {
    let manifest = fs::read(directory.join("node_modules").join(package).join("package.json")).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    Some(manifest["version"].as_str()?.to_owned())
}

fn directory(workspace: &Workspace) -> PathBuf {
    workspace.target().join("npm")
}

/// The Node that was installed.
pub(crate) fn node(workspace: &Workspace) -> PathBuf {
    directory(workspace).join("node_modules/node/bin/node")
}

/// The program of the conformance suite.
pub(crate) fn suite(workspace: &Workspace) -> PathBuf {
    directory(workspace).join("node_modules").join(SUITE).join("dist/index.js")
}

pub(crate) fn has_valgrind() -> bool {
    process::runs("valgrind", "--version")
}

/// Installs packages where that can be done without asking anybody.
fn debian(needed: &Debian) -> Result<()> {
    let Debian { program, packages, without } = needed;
    if process::runs(program, "--version") {
        println!("{program} is installed");
        return Ok(());
    }
    if !is_root() || !process::runs("apt-get", "--version") {
        println!("skipped: {program} is not installed, and only root on Debian can have it installed; {without}");
        return Ok(());
    }
    // Stale lists may still name a package that can be had.
    if let Err(failure) = process::run(Command::new("apt-get").args(["update", "--quiet"])) {
        println!("{failure}; going on with the package lists that are there");
    }
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(*packages).env("DEBIAN_FRONTEND", "noninteractive");
    process::run(&mut install).doing(|| format!("{} could not be installed", packages.join(" and ")))
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
