//! `mcp install`, in homes of its own.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Run, command, example, run};

/// Runs it for somebody who is at home in a folder.
fn install(home: &Path, words: &[&str]) -> Run {
    let mut command = command(&[&["install"], words].concat());
    command.env("HOME", home).env_remove("XDG_CONFIG_HOME").current_dir(home);
    run(command)
}

fn json_in(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("it was written")).expect("JSON")
}

#[test]
#[cfg(target_os = "linux")]
fn every_host_is_told_in_its_own_file() {
    let home = tempfile::tempdir().expect("a folder");
    let url = "http://127.0.0.1:8080/mcp";
    for (host, file, entry) in [
        ("claude-code", ".claude.json", json!({"mcpServers": {"x": {"type": "http", "url": url}}})),
        ("cursor", ".cursor/mcp.json", json!({"mcpServers": {"x": {"url": url}}})),
        ("vscode", ".config/Code/User/mcp.json", json!({"servers": {"x": {"type": "http", "url": url}}})),
        ("gemini", ".gemini/settings.json", json!({"mcpServers": {"x": {"httpUrl": url}}})),
    ] {
        install(home.path(), &[host, "x", url, "--yes"]).is(0, &["+  \""], &["changed"]);
        assert_eq!(json_in(&home.path().join(file)), entry, "{host}");
        install(home.path(), &[host, "x", url, "--yes"]).is(0, &[], &["says so already"]);
    }
    install(home.path(), &["claude-desktop", "x", url, "--yes"]).is(2, &[], &["add one with a URL as a connector"]);
    install(home.path(), &["claude-desktop", "x", "--yes", "--", "server", "-v"]).is(0, &[], &[]);
    let desktop = home.path().join(".config/Claude/claude_desktop_config.json");
    assert_eq!(json_in(&desktop), json!({"mcpServers": {"x": {"command": "server", "args": ["-v"]}}}));
    install(home.path(), &["cursor", "x", url, "--project", "--yes"]).is(0, &[], &[]);
}

#[test]
fn what_was_installed_can_be_called_and_removed() {
    let home = tempfile::tempdir().expect("a folder");
    let hello = example("hello");
    fs::copy(&hello, home.path().join("hello")).expect("the folder is ours");
    install(home.path(), &["claude-code", "mine", "--project", "--yes", "--env", "MCP_SCOPES=x", "--", "./hello"]).is(0, &[], &[]);
    let entry = &json_in(&home.path().join(".mcp.json"))["mcpServers"]["mine"];
    assert_eq!(entry["command"].as_str().map(Path::new), Some(&*home.path().join("hello")), "{entry}");
    let mut call = command(&["call", "mine", "add", "a=1", "b=2"]);
    call.current_dir(home.path());
    run(call).is(0, &["3"], &[]);
    install(home.path(), &["claude-code", "mine", "--project", "--yes", "--remove"]).is(0, &["-    \"mine\""], &[]);
    assert_eq!(json_in(&home.path().join(".mcp.json")), json!({"mcpServers": {}}));
    install(home.path(), &["claude-code", "mine", "--project", "--yes", "--remove"]).is(2, &[], &["there is no `mine`"]);
    install(home.path(), &["claude-code", "mine", "--yes", "--", "./absent"]).is(2, &[], &["there is no program"]);
}

#[test]
#[cfg(unix)]
fn the_rest_of_the_file_its_mode_and_links_to_it_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let home = tempfile::tempdir().expect("a folder");
    let real = home.path().join("real.json");
    let before = "{\n    \"first\": 1.50,\n    \"mcpServers\": {\n        \"other\": {\"command\":\"a\",   \"args\":[]}\n    },\n    \"last\": [1,2]\n}\n";
    fs::write(&real, before).expect("the folder is ours");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("the file is ours");
    symlink(&real, home.path().join(".claude.json")).expect("the folder is ours");
    install(home.path(), &["claude-code", "x", "http://x/", "--yes"]).is(0, &[], &["real.json.bak"]);
    let after = fs::read_to_string(&real).expect("it is there");
    let entry = ",\n        \"x\": {\n            \"type\": \"http\",\n            \"url\": \"http://x/\"\n        }";
    assert_eq!(after.replace(entry, ""), before);
    assert!(home.path().join(".claude.json").is_symlink());
    for file in ["real.json", "real.json.bak"] {
        assert_eq!(fs::metadata(home.path().join(file)).expect("it is there").permissions().mode() & 0o777, 0o640, "{file}");
    }
    assert_eq!(fs::read_to_string(home.path().join("real.json.bak")).expect("it is there"), before);
    install(home.path(), &["claude-code", "x", "--remove", "--yes"]).is(0, &[], &["real.json.bak.1"]);
    assert_eq!(fs::read_to_string(&real).expect("it is there"), before);
}

#[test]
fn nothing_is_written_unless_somebody_agrees() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("mcp.json");
    let path = file.to_str().expect("a plain path");
    install(home.path(), &["vscode", "x", "http://x/", "--config", path, "--dry-run"]).is(0, &["+  \"servers\""], &["nothing was changed"]);
    install(home.path(), &["vscode", "x", "http://x/", "--config", path]).is(2, &[], &["there is no terminal to ask on"]);
    assert!(!file.exists());
    let commented = "{\n  // mine\n  \"servers\": {}\n}";
    fs::write(&file, commented).expect("the folder is ours");
    install(home.path(), &["vscode", "x", "http://x/", "--config", path, "--yes"]).is(2, &[], &["it has comments or trailing commas"]);
    fs::write(&file, "{\"servers\": ").expect("the folder is ours");
    install(home.path(), &["vscode", "x", "http://x/", "--config", path, "--yes"]).is(2, &[], &["it is not an object of JSON"]);
    assert_eq!(fs::read_dir(home.path()).expect("it is a folder").count(), 1, "there are no backups of what was not changed");
}
