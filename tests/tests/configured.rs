//! A program that is set up by `mcp.toml` alone: the same identities, decisions, limits and records over stdio and HTTP.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use bytes::Bytes;
use mcp_auth::{ApiKeys, verify_chain};
use mcp_core::Revision;
use mcp_testkit::http::Request;
use mcp_tests::client::call;
use tempfile::TempDir;

const KEY: &str = "mcpk_a-key-for-tests-only";

/// A directory with a configuration file; `{key}` stands for the hash of [`KEY`], `{dir}` for the directory.
fn configured(text: &str) -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("mcp.toml");
    let text = text.replace("{key}", &ApiKeys::hash(KEY)).replace("{dir}", &directory.path().display().to_string());
    std::fs::write(&file, text).expect("written");
    (directory, file)
}

const SETTINGS: &str = r#"
public_url = "http://localhost"

[[auth.api_key]]
hash = "{key}"
subject = "ci"
scopes = ["mcp:write"]

[auth.policy.hierarchy]
"mcp:write" = ["mcp:read"]

[limits]
per_principal = "4/h"

[audit]
file = "{dir}/audit.jsonl"
"#;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity-server"));
    command.args(arguments).env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN").env_remove("MCP_CONFIG");
    command
}

fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    // A server that refuses to start closes its input before it is read.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the server ends")
}

/// What is asked of each server, in this order: allowed, refused, unknown to this caller, allowed, too often.
fn messages() -> Vec<String> {
    let revision = Revision::LATEST;
    let read = r#"{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"secret://notes","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;
    vec![
        call(revision, 1, "add", r#"{"a":1,"b":2}"#),
        call(revision, 2, "execute", "{}"),
        call(revision, 3, "administer", "{}"),
        read.to_owned(),
        call(revision, 5, "add", r#"{"a":1,"b":2}"#),
    ]
}

fn over_stdio(file: &Path) -> Vec<String> {
    let mut command = program(&["stdio"]);
    let output = run(command.env("MCP_CONFIG", file).env("MCP_ACCESS_TOKEN", KEY), &(messages().join("\n") + "\n"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("as ci with mcp:read mcp:write") && !told.contains(KEY), "{output:?}");
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

/// A server over HTTP; ended when dropped.
struct Served(Child, String);

impl Served {
    fn start(file: &Path) -> Self {
        let file = file.display().to_string();
        let mut child =
            program(&["http", "--bind", "127.0.0.1:0", "--config", &file]).stderr(Stdio::piped()).spawn().expect("the server starts");
        let lines = BufReader::new(child.stderr.as_mut().expect("piped")).lines();
        let address = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("http://")?.1.split('/').next()?.to_owned()));
        Self(child, address.expect("the server says where it is"))
    }

    async fn ask(&self, message: &str) -> (u16, Option<String>, String) {
        let value: serde_json::Value = serde_json::from_str(message).expect("JSON");
        let name = value["params"]["name"].as_str().or(value["params"]["uri"].as_str()).expect("a name");
        let headers = [
            ("Authorization", format!("Bearer {KEY}")),
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json, text/event-stream".to_owned()),
            ("MCP-Protocol-Version", "2026-07-28".to_owned()),
            ("Mcp-Method", value["method"].as_str().expect("a method").to_owned()),
            ("Mcp-Name", name.to_owned()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let body = Bytes::copy_from_slice(message.as_bytes());
        let request = Request { address: self.1.parse().expect("an address"), method: "POST", path: "/mcp".to_owned(), headers, body };
        let mut response = request.send().await.expect("the server listens");
        let retry = response.head.header("retry-after").map(str::to_owned);
        (response.head.status, retry, String::from_utf8(response.body().await.expect("a body")).expect("text"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The verdicts that an audit log holds, once its chain has been verified.
fn verdicts(directory: &TempDir) -> Vec<(String, String)> {
    let log = std::fs::read_to_string(directory.path().join("audit.jsonl")).expect("a log");
    verify_chain(log.as_bytes()).expect("an unbroken chain");
    assert!(!log.contains(KEY));
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    lines.map(|line| (line["subject"].as_str().unwrap_or_default().to_owned(), line["verdict"].to_string())).collect()
}

#[tokio::test]
async fn a_configuration_file_means_the_same_on_every_transport() {
    let (stdio, file) = configured(SETTINGS);
    let lines = over_stdio(&file);
    let (http, file) = configured(SETTINGS);
    let served = Served::start(&file);
    let mut statuses = Vec::new();
    for (message, line) in messages().iter().zip(&lines) {
        let (status, retry, body) = served.ask(message).await;
        // How long to wait depends on the second in which it is asked.
        let same = |text: &str| text.replace(|digit: char| digit.is_ascii_digit(), "0");
        assert!(body == *line || (status == 429 && same(&body) == same(line)), "{body}\n{line}");
        assert_eq!(retry.is_some(), status == 429, "{body}");
        statuses.push(status);
    }
    assert_eq!(lines.len(), messages().len());
    assert_eq!(statuses, [200, 403, 200, 200, 429]);
    assert!(lines[3].contains("\"contents\""), "a scope that is implied is held: {}", lines[3]);
    drop(served);
    let recorded = verdicts(&stdio);
    assert_eq!(recorded, verdicts(&http));
    assert_eq!(recorded.len(), 5, "{recorded:?}");
    assert!(recorded.iter().all(|(subject, _)| subject == "ci"), "{recorded:?}");
}

#[test]
fn what_does_not_verify_does_not_start() {
    let (_directory, file) = configured(SETTINGS);
    let wrong = run(program(&["stdio"]).env("MCP_CONFIG", &file).env("MCP_ACCESS_TOKEN", "mcpk_another"), "");
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && told.contains("MCP_ACCESS_TOKEN is set, but") && !told.contains("mcpk_another"), "{told}");
    for (text, why) in [
        ("[auth]\nmode = \"required\"\n", "names nobody who could tell who a caller is"),
        ("[auth]\nmood = \"required\"\n", "mcp.toml:2: unknown key `mood`; did you mean `mode`"),
        ("[[auth.jwt]]\nissuer = \"https://auth.example.com\"\n", "public_url"),
    ] {
        let (_directory, file) = configured(text);
        let refused = run(&mut program(&["http", "--bind", "127.0.0.1:0", "--config", &file.display().to_string()]), "");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains(why), "{text}: {told}");
    }
}

/// What the gateway's own address may say of callers, once it has shown the secret from where the file says it is.
#[tokio::test]
async fn a_gateway_shows_its_secret_and_tools_say_what_they_ask_for() {
    let text = "public_url = \"http://localhost\"\n[auth]\nsecurity_schemes = true\nbaseline_scopes = [\"mcp:read\"]\n[auth.gateway]\npeers = [\"127.0.0.1/32\"]\nsecret_file = \"{dir}/secret\"\n";
    let (directory, file) = configured(text);
    let missing = run(&mut program(&["http", "--bind", "127.0.0.1:0", "--config", &file.display().to_string()]), "");
    let told = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(!missing.status.success() && told.contains("should hold the gateway's secret"), "{told}");
    std::fs::write(directory.path().join("secret"), "hush-hush\n").expect("written");
    let served = Served::start(&file);
    for (secret, status) in [(None, 401), (Some("wrong"), 401), (Some("hush-hush"), 200)] {
        let mut headers = vec![("X-Auth-User".to_owned(), "ann".to_owned())];
        headers.extend(secret.map(|secret| ("X-Auth-Secret".to_owned(), secret.to_owned())));
        let address = served.1.parse().expect("an address");
        let request = Request { address, method: "GET", path: "/mcp/tools".to_owned(), headers, body: Bytes::new() };
        let mut response = request.send().await.expect("the server listens");
        assert_eq!(response.head.status, status, "{secret:?}");
        let challenge = response.head.header("www-authenticate").unwrap_or_default();
        assert_eq!(challenge.contains("scope=\"mcp:read\""), status == 401, "{challenge}");
        let body = String::from_utf8(response.body().await.expect("a body")).expect("text");
        assert_eq!(body.contains(r#""securitySchemes":[{"type":"oauth2","scopes":["mcp:execute"]}]"#), status == 200, "{body}");
    }
}

#[test]
fn a_file_that_lies_around_is_not_obeyed_over_stdio() {
    let (directory, _) = configured("[auth]\nmood = 1\n");
    let stdio = run(program(&["stdio"]).current_dir(directory.path()), "");
    assert!(stdio.status.success(), "{stdio:?}");
    let checked = run(program(&["check"]).current_dir(directory.path()), "");
    assert!(!checked.status.success() && String::from_utf8_lossy(&checked.stderr).contains("mood"), "{checked:?}");
}

#[test]
fn a_key_that_was_made_is_let_in_and_a_log_that_was_changed_is_found_out() {
    let made = run(&mut program(&["api-key", "robot", "--scopes", "mcp:read"]), "");
    let (lines, told) = (String::from_utf8_lossy(&made.stdout), String::from_utf8_lossy(&made.stderr));
    let key = told.split_whitespace().last().expect("a key");
    assert!(key.starts_with("mcpk_") && !lines.contains(key), "{told}");
    let (directory, file) = configured(&format!("{lines}\n[audit]\nfile = \"{{dir}}/audit.jsonl\"\n"));
    let input = call(Revision::LATEST, 1, "add", r#"{"a":1,"b":2}"#) + "\n";
    let output = run(program(&["stdio"]).env("MCP_CONFIG", &file).env("MCP_ACCESS_TOKEN", key), &input);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("as robot with mcp:read"), "{output:?}");

    let log = directory.path().join("audit.jsonl");
    let verify = || run(&mut program(&["verify-audit", &log.display().to_string()]), "");
    assert!(verify().status.success());
    let changed = std::fs::read_to_string(&log).expect("a log").replace("robot", "nobody");
    std::fs::write(&log, changed).expect("written");
    let found = verify();
    assert!(!found.status.success() && String::from_utf8_lossy(&found.stderr).contains("line 1 was changed"), "{found:?}");
}

#[test]
fn the_documented_file_is_one() {
    for page in [include_str!("../../docs/authorization.md"), include_str!("../../README.md")] {
        let mut blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
        let example = blocks.find(|block| block.starts_with("public_url")).expect("an example");
        let settings = mcp_auth::Settings::parse("mcp.toml", example).expect("good settings");
        assert!(settings.auth.is_some() && settings.audit.is_some(), "{settings:?}");
    }
}

#[test]
fn the_configuration_of_a_team_is_one() {
    let example = include_str!("../../examples/team-server/mcp.toml.example");
    // What is there to be uncommented is one as well.
    let uncommented = example.replace("\n# [auth", "\n[auth").replace("\n# [[auth", "\n[[auth");
    let mut lines: Vec<&str> =
        uncommented.lines().map(|line| if line.contains(" = ") { line.trim_start_matches("# ") } else { line }).collect();
    lines.retain(|line| *line != "#");
    for text in [example, &lines.join("\n")] {
        let settings = mcp_auth::Settings::parse("mcp.toml", text).unwrap_or_else(|error| panic!("{error}"));
        let auth = settings.auth.expect("authorization");
        assert!(auth.server.is_some() && settings.audit.is_some(), "{auth:?}");
    }
}

#[test]
fn scopes_of_the_environment_narrow_a_token_and_never_widen_it() {
    let (_directory, file) = configured(SETTINGS);
    for (scopes, held) in
        [("mcp:read", "as ci with mcp:read\n"), ("mcp:execute mcp:read", "as ci with mcp:read\n"), ("", "as ci with no scope\n")]
    {
        let output = run(program(&["stdio"]).env("MCP_CONFIG", &file).env("MCP_ACCESS_TOKEN", KEY).env("MCP_SCOPES", scopes), "");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && told.contains(held), "`{scopes}`: {told}");
    }
}
