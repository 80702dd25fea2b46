//! `--debug` shows what goes over the wire, and no secrets.

use crate::support::{Served, command, on, run};

#[test]
fn frames_and_heads_are_shown() {
    let call = on("hello", "call greet name=you --debug");
    call.is(
        0,
        &["Hello, you!\n"],
        &[r#"--> {"jsonrpc":"2.0","id":1,"method":"server/discover""#, "<-- {", "server: serving stdio as local"],
    );
    let server = Served::start("hello");
    let call = run(command(&["call", &server.url, "greet", "--debug"]));
    call.is(0, &["Hello, world!\n"], &["--> POST /mcp", "mcp-method: tools/call", "<-- HTTP 200 OK", "content-type: application/json"]);
}

#[test]
fn secrets_are_not_shown() {
    let server = Served::start("hello");
    let mut command = command(&["list", &server.url, "--debug", "--bearer-env", "MCP_TEST_TOKEN", "--header", "x-api-key=s3cret-a"]);
    command.env("MCP_TEST_TOKEN", "s3cret-b");
    let list = run(command);
    list.is(0, &[], &["authorization: [redacted]", "x-api-key: [redacted]"]);
    assert!(!list.err.contains("s3cret"), "{}", list.err);
}
