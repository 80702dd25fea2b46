//! `mcp new`: what it writes compiles, and passes its own tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{MCP, command, run, workspace};

fn new(folder: &Path, words: &[&str]) -> crate::support::Run {
    let mut command = command(&[&["new"], words].concat());
    command.current_dir(folder);
    run(command)
}

#[test]
fn a_new_server_passes_its_tests_and_can_be_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkout = workspace().to_str().expect("a plain path");
    new(folder.path(), &["word-counter", "--path", checkout]).is(0, &[], &["mcp call count_words"]);
    let project = folder.path().join("word-counter");
    // The same versions and profile of everything, so that what is compiled already is used, and the network is not.
    fs::copy(workspace().join("Cargo.lock"), project.join("Cargo.lock")).expect("the folder is ours");
    let ours = fs::read_to_string(workspace().join(".cargo/config.toml")).expect("it is ours");
    let (_, profiles) = ours.split_at(ours.find("[profile.dev]").expect("it has profiles"));
    let manifest = fs::read_to_string(project.join("Cargo.toml")).expect("it was written") + profiles;
    fs::write(project.join("Cargo.toml"), manifest).expect("the folder is ours");
    let target = Path::new(MCP).ancestors().nth(2).expect("target/debug/mcp");
    let mut cargo = Command::new(env!("CARGO"));
    let done = cargo.args(["test", "--offline"]).env("CARGO_TARGET_DIR", target).current_dir(&project).output().expect("there is cargo");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    assert!(out.contains("test parity ... ok") && out.contains("test words_are_counted ... ok"), "{out}");
    assert!(!err.contains("warning"), "{err}");
    let server = target.join("debug").join("word-counter");
    let server = server.to_str().expect("a plain path");
    run(command(&["call", "count_words", "text=to be or not", "letters=3", "--", server])).is(0, &["1"], &[]);
}

#[test]
fn the_manifest_names_the_repository_where_nothing_else_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    new(folder.path(), &["x1"]).is(0, &[], &[]);
    let manifest = fs::read_to_string(folder.path().join("x1/Cargo.toml")).expect("it was written");
    assert!(manifest.contains(r#"mcp-parity = { git = "https://github.com/mcp-parity/mcp-parity" }"#), "{manifest}");
    let readme = fs::read_to_string(folder.path().join("x1/README.md")).expect("it was written");
    let (built, installed) = (readme.find("cargo build --release"), readme.find("-- target/release/x1"));
    assert!(built.is_some() && built < installed, "what is installed is built before: {readme}");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("empty")).expect("the folder is ours");
    new(folder.path(), &["empty"]).is(0, &[], &[]);
    new(folder.path(), &["empty"]).is(2, &[], &["empty is there already"]);
    fs::write(folder.path().join("file"), "mine").expect("the folder is ours");
    new(folder.path(), &["file"]).is(2, &[], &["file is there already"]);
    new(folder.path(), &["../up"]).is(2, &[], &["a name starts with a letter"]);
    new(folder.path(), &["fn"]).is(2, &[], &["choose another one"]);
}
