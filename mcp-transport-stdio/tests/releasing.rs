//! A client on a pipe hears that a call would let go of its connection, if it said that it wants to.

mod support;

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _, pipe};
use std::sync::Arc;
use std::time::Duration;

use mcp_core::{Context, Dispatcher, NoArguments, Registry, Tool, ToolError};
use mcp_transport_stdio::{Options, serve};

use crate::support::Tokio;

fn dispatcher() -> Dispatcher {
    let mut registry = Registry::new();
    let tool = Tool::new("leave", |cx: Context, _: NoArguments| async move {
        cx.release_connection(Duration::from_millis(500));
        cx.sleep(Duration::from_millis(1)).await;
        Ok::<_, ToolError>("done")
    });
    registry.add_tool(tool).expect("there is no other tool");
    Dispatcher::builder(registry, Arc::new(Tokio)).build().expect("the server is sound")
}

/// Sends lines to a server on pipes, and returns all that it writes.
async fn lines(sent: &[&str]) -> Vec<String> {
    let ((server_reads, mut client_writes), (client_reads, server_writes)): ((PipeReader, PipeWriter), (PipeReader, PipeWriter)) =
        (pipe().expect("a pipe"), pipe().expect("a pipe"));
    let reading = tokio::task::spawn_blocking(|| BufReader::new(client_reads).lines().map_while(Result::ok).collect());
    for line in sent {
        writeln!(client_writes, "{line}").expect("the pipe takes a line");
    }
    drop(client_writes);
    serve(dispatcher(), Options::default(), server_reads, server_writes, std::future::pending()).await.expect("it is served to the end");
    reading.await.expect("the reader does not panic")
}

const RELEASE: &str =
    r#"{"jsonrpc":"2.0","method":"notifications/io.mcp-parity/release-connection","params":{"requestId":"c-7","retryMs":500}}"#;

fn initialize(capabilities: &str) -> String {
    let client = r#"{"name":"test","version":"1"}"#;
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"2025-11-25","capabilities":{capabilities},"clientInfo":{client}}}}}"#
    )
}

fn stateless(capabilities: &str) -> String {
    let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
    format!(
        r#"{{"jsonrpc":"2.0","id":"c-7","method":"tools/call","params":{{"name":"leave","_meta":{{{version},"io.modelcontextprotocol/clientCapabilities":{capabilities}}}}}}}"#
    )
}

/// What comes after the answer to `initialize`, if that was sent, in two lines at most.
async fn check(sent: &[&str], hears: bool) {
    let written = lines(sent).await;
    let (answer, before) = written.split_last().expect("the call is answered");
    assert!(answer.contains(r#""id":"c-7""#) && answer.contains("done"), "{sent:?}: {answer}");
    let heard = before.iter().filter(|line| line.contains("release-connection")).collect::<Vec<_>>();
    assert_eq!(heard, if hears { vec![RELEASE] } else { vec![] }, "{sent:?}");
}

#[tokio::test]
async fn only_a_client_that_wants_to_hear_is_told_that_its_connection_is_let_go_of() {
    let call = r#"{"jsonrpc":"2.0","id":"c-7","method":"tools/call","params":{"name":"leave"}}"#;
    let wants = r#"{"io.mcp-parity/release-connection":{}}"#;
    check(&[&initialize(&format!(r#"{{"experimental":{wants}}}"#)), call], true).await;
    check(&[&initialize(r#"{"experimental":{"io.example/other":{}}}"#), call], false).await;
    check(&[&initialize("{}"), call], false).await;
    check(&[&stateless(&format!(r#"{{"extensions":{wants}}}"#))], true).await;
    check(&[&stateless("{}")], false).await;
}
