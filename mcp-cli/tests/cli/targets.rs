//! Ways to name a server.

use std::path::Path;

use serde_json::json;

use crate::support::{Served, command, example, run};

fn list(file: &Path, name: &str, arguments: &[&str]) -> crate::support::Run {
    let mut command = command(&[&["list", name, "--config", file.to_str().expect("a plain path")], arguments].concat());
    command.env("HELLO_FOLDER", example("hello").parent().expect("it is in a folder"));
    run(command)
}

#[test]
fn servers_are_found_by_name_in_the_files_of_hosts() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start("hello");
    let hello = example("hello");
    let mcp_servers = json!({"mcpServers": {
        "hello": {"command": hello, "args": [], "env": {"MCP_SCOPES": "x"}},
        "variable": {"command": "${HELLO_FOLDER}/hello", "args": ["stdio"]},
        "url": {"type": "http", "url": server.url, "headers": {"X-Test": "${HELLO_FOLDER}"}},
        "unset": {"command": "hello", "env": {"KEY": "${MCP_TEST_UNSET}"}},
        "missing": {"command": "/nowhere/hello"},
    }});
    let claude = folder.path().join("claude.json");
    std::fs::write(&claude, mcp_servers.to_string()).expect("the folder is ours");
    let code = folder.path().join("mcp.json");
    std::fs::write(&code, format!("// VS Code\n{{\"servers\": {{\"hello\": {{\"command\": {hello:?}}},}}}}")).expect("the folder is ours");

    for (file, name, exit, out, err) in [
        (&claude, "hello", 0, "Add two whole numbers", ""),
        (&claude, "variable", 0, "Add two whole numbers", ""),
        (&claude, "url", 0, "Add two whole numbers", ""),
        (&claude, "unset", 2, "", "the environment variable `MCP_TEST_UNSET` is not set"),
        (&claude, "missing", 3, "", "`/nowhere/hello` cannot be launched"),
        (&claude, "other", 2, "", "has no server `other`; it has hello, missing, unset, url, variable"),
        (&code, "hello", 0, "Add two whole numbers", ""),
        (&folder.path().join("absent.json"), "hello", 2, "", "cannot be read"),
    ] {
        list(file, name, &[]).is(exit, &[out], &[err]);
    }
}

#[test]
fn the_file_of_the_project_is_looked_into() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut without = command(&["list", "hello"]);
    without.current_dir(&folder);
    run(without).is(2, &[], &["there is no .mcp.json here"]);
    let file = json!({"mcpServers": {"hello": {"command": example("hello")}}});
    std::fs::write(folder.path().join(".mcp.json"), file.to_string()).expect("the folder is ours");
    let mut with = command(&["list", "hello"]);
    with.current_dir(&folder);
    run(with).is(0, &["Add two whole numbers"], &[]);
}

#[test]
fn what_cannot_be_reached_is_told() {
    run(command(&["list"])).is(2, &[], &["which server?"]);
    run(command(&["list", "http://127.0.0.1:9/mcp"])).is(3, &[], &["127.0.0.1:9 cannot be connected to"]);
    run(command(&["list", "--", "/nowhere/server"])).is(3, &[], &["`/nowhere/server` cannot be launched"]);
    // What the server said before it ended is often the reason.
    run(command(&["list", "--", "sh", "-c", "echo no database >&2"])).is(3, &[], &["server: no database", "the connection is closed"]);
}
