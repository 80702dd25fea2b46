//! The same key in `Authorization` and in `MCP_ACCESS_TOKEN`: the same caller, in a process of its own.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use mcp_auth::{ApiKeys, Principal, ScopeSet};
use mcp_core::Revision;
use mcp_parity::http::HttpService;
use mcp_tests::client::{call, post};
use mcp_tests::protected::{Answer, authorized, behind, listen};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parity-server");

/// Serves lines over stdio to whoever the token says, until they are all answered.
fn serve(configuration: Option<&str>, token: &str, lines: &str) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    let mut command = Command::new(PROGRAM);
    if let Some(configuration) = configuration {
        std::fs::write(&file, configuration).expect("a file");
        command.arg("--config").arg(&file);
    }
    command.arg("stdio").current_dir(directory.path()).env("MCP_ACCESS_TOKEN", token).env_remove("MCP_SCOPES");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program exists");
    let mut input = child.stdin.take().expect("asked for above");
    // A process that refuses to serve reads nothing.
    let _ = input.write_all(lines.as_bytes());
    drop(input);
    child.wait_with_output().expect("a child can be waited for")
}

fn configuration(key: &str) -> String {
    let hash = ApiKeys::hash(key);
    format!("[[auth.api_key]]\nhash = \"{hash}\"\nsubject = \"ci\"\nscopes = [\"mcp:execute\"]\n")
}

#[tokio::test]
async fn a_token_has_the_same_answers_over_stdio() {
    let key = ApiKeys::generate("mcpk");
    let keys = ApiKeys::new("mcpk").key(&key, Principal::new("ci").with_scopes(ScopeSet::parse("mcp:execute")));
    let dispatcher = mcp_tests::server().into_dispatcher().expect("the server is sound");
    let address = listen(HttpService::new(dispatcher, behind(keys)).expect("the configuration is usable")).await;
    let tools = ["execute", "execute_and_write", "administer", "wipe", "absent"];
    let frames = tools.map(|tool| call(Revision::LATEST, 1, tool, "{}"));
    let output = serve(Some(&configuration(&key)), &key, &format!("{}\n", frames.join("\n")));
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).expect("text");
    assert_eq!(lines.lines().count(), tools.len(), "{lines}");
    for ((tool, frame), line) in tools.iter().zip(&frames).zip(lines.lines()) {
        let answer = Answer::of(authorized(post(address, Revision::LATEST, None, frame), Some(&key))).await;
        assert_eq!(line, answer.body, "{tool}");
    }
    assert!(!String::from_utf8_lossy(&output.stderr).contains(&key));
}

#[test]
fn a_token_that_does_not_verify_is_not_taken_for_permission() {
    let key = ApiKeys::generate("mcpk");
    let frame = format!("{}\n", call(Revision::LATEST, 1, "execute", "{}"));
    let configured = configuration(&key);
    for (what, configuration, token) in [
        ("another key", Some(configured.as_str()), "mcpk_canary"),
        ("another provider's", Some(configured.as_str()), "canary"),
        ("an empty one", Some(configured.as_str()), ""),
        ("no provider", None, "mcpk_canary"),
    ] {
        let output = serve(configuration, token, &frame);
        assert!(!output.status.success() && output.stdout.is_empty(), "{what}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("MCP_ACCESS_TOKEN") && !said.contains("canary"), "{what}: {said}");
    }
}
