//! Invariants of ARCHITECTURE.md that no comparison of transports shows.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use mcp_core::{Registry, Tool, ToolError};
use mcp_tests as _;

const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity-server"));
    command.args(arguments).env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN");
    command
}

fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    // A server that refuses to start closes its input before it is read.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the server ends")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server over HTTP on a port of its own; ended when dropped.
struct Served(Child, String);

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut all = vec!["http", "--bind", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = program(&all).stderr(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().expect("piped")).read_line(&mut line).expect("the server says where it is");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
        Self(child, address)
    }

    /// Sends bytes and reads until the server closes or falls silent.
    fn exchange(&self, bytes: &[u8]) -> String {
        let mut socket = TcpStream::connect(&self.1).expect("the server listens");
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a time-out can be set");
        socket.write_all(bytes).expect("the server reads");
        let mut answer = Vec::new();
        let mut chunk = [0; 4_096];
        while let Ok(read) = socket.read(&mut chunk) {
            answer.extend_from_slice(&chunk[..read]);
            if read == 0 || answer.windows(4).any(|window| window == b"\r\n\r\n") && answer.ends_with(b"}") {
                break;
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn stdio_names_its_identity_and_refuses_a_token_it_cannot_verify() {
    let all = run(&mut program(&[]), "");
    assert!(all.status.success() && stderr(&all).contains("local with every scope"), "{all:?}");
    let narrowed = run(program(&[]).env("MCP_SCOPES", "mcp:read mcp:write"), "");
    assert!(narrowed.status.success() && stderr(&narrowed).contains("local with mcp:read mcp:write"), "{narrowed:?}");
    let token = run(program(&["stdio"]).env("MCP_ACCESS_TOKEN", "abc"), "");
    assert!(!token.status.success() && stderr(&token).contains("MCP_ACCESS_TOKEN"), "{token:?}");
    assert!(!stderr(&token).contains("abc"), "the token is shown: {token:?}");
}

#[test]
fn http_does_not_start_open() {
    for (arguments, why) in [
        (&["http", "--bind", "127.0.0.1:0"][..], "Name an issuer in `mcp.toml`"),
        (&["http", "--bind", "0.0.0.0:0"], "Name an issuer in `mcp.toml`"),
        (&["http", "--bind", "0.0.0.0:0", "--dev"], "--dev is only for loopback addresses"),
    ] {
        let output = run(&mut program(arguments), "");
        assert!(!output.status.success() && stderr(&output).contains(why), "{arguments:?}: {output:?}");
    }
}

#[test]
fn nothing_is_read_before_the_caller_is_known() {
    // The body never comes; a server that waited for it would answer nothing.
    let mcp = mcp_core::Dispatcher::builder(one_tool(), std::sync::Arc::new(mcp_parity::TokioRuntime)).build().expect("a server");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let address = runtime.block_on(async {
        let config = mcp_parity::http::HttpConfig {
            authenticator: mcp_parity::auth::Authenticator::Provider(std::sync::Arc::new(RefuseEverybody)),
            ..Default::default()
        };
        let service = mcp_parity::http::HttpService::new(mcp, config).expect("a service");
        let listener = mcp_parity::http::Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(listener.serve(std::future::pending()));
        address
    });
    let mut socket = TcpStream::connect(address).expect("the server listens");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out can be set");
    socket
        .write_all(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        .expect("sent");
    let mut status = String::new();
    BufReader::new(socket).read_line(&mut status).expect("an answer before the body");
    assert_eq!(status.trim_end(), "HTTP/1.1 401 Unauthorized");
}

/// Knows nobody.
struct RefuseEverybody;

impl mcp_parity::auth::Authenticate for RefuseEverybody {
    fn authenticate<'life, 'credentials, 'future>(
        &'life self,
        _credentials: mcp_parity::auth::Credentials<'credentials>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<mcp_parity::Principal, mcp_parity::auth::AuthError>> + Send + 'future>>
    where
        'life: 'future,
        'credentials: 'future,
    {
        Box::pin(async { Err(mcp_parity::auth::AuthError::Missing) })
    }
}

fn one_tool() -> Registry {
    let mut registry = Registry::new();
    registry.add_tool(tool("only")).expect("the name is free");
    registry
}

fn tool(name: &'static str) -> Tool {
    Tool::new(name, |_cx, _input: serde_json::Map<String, serde_json::Value>| async { Ok::<_, ToolError>("done".to_owned()) })
}

#[test]
fn identity_cannot_be_smuggled_in_a_message() {
    // The caller is anonymous; everything a message or a header claims besides is only text.
    let claims = r#""principal":{"subject":"root","scopes":["mcp:execute"]},"scope":"mcp:execute","tier":"admin""#;
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":1,{claims},"method":"tools/call","params":{{{claims},"name":"execute","arguments":{{}},{META}}}}}"#
    );
    let meta_claims = call.replace("\"_meta\":{", &format!("\"_meta\":{{{claims},"));
    for message in [call, meta_claims] {
        let output = run(program(&[]).env("MCP_SCOPES", ""), &format!("{message}\n"));
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(answer.contains("mcp:execute") && answer.contains("-31403"), "{answer}");
    }
}

#[test]
fn lists_are_the_same_bytes_every_time() {
    let list = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{{{META}}}}}\n");
    let output = run(&mut program(&[]), &list.repeat(3));
    let answer = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line == &lines[0]) && lines[0].contains("\"tools\":["), "{answer}");
    let names: Vec<&str> = lines[0].split("{\"name\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.is_sorted() && names.len() > 2, "{names:?}");
}

#[test]
fn a_clash_names_both_places() {
    let mut registry = one_tool();
    let error = registry.add_tool(tool("only")).expect_err("the name is taken").to_string();
    assert_eq!(error, "two tools are named `only`: added at run time and added at run time; rename one");
    let empty = mcp_core::RegistryError::Empty.to_string();
    assert!(empty.contains("use my_tools as _;"), "{empty}");
    let mut other = Registry::linked().expect("the fixture's items are linked");
    let name = other.tools().next().map(|tool| tool.name().to_owned()).expect("the fixture has tools");
    let clash = other
        .add_tool(Tool::new(name, |_cx, _input: Nothing| async { Ok::<_, ToolError>(String::new()) }))
        .expect_err("it is taken")
        .to_string();
    assert!(clash.contains("tests/src/") && clash.contains(".rs:"), "{clash}");
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

#[test]
fn development_mode_says_so_and_serves_loopback() {
    let server = Served::start(&["--dev"]);
    let body =
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"execute\",\"arguments\":{{}},{META}}}}}");
    let answer = server.exchange(
        format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: execute\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"result\""), "{answer}");
}

#[test]
fn a_stray_println_does_not_corrupt_the_stream() {
    let call = format!("{{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{{\"name\":\"prints\",{META}}}}}\n");
    let output = run(&mut program(&[]), &call);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), stderr(&output));
    assert!(out.lines().count() == 1 && out.contains("\"id\":7") && !out.contains("a stray line"), "{out}");
    assert!(err.contains("a stray line"), "{err}");
}
