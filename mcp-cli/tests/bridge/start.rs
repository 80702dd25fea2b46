//! A server that is not there when the host launches its bridge.

use std::net::SocketAddr;
use std::time::Duration;

use mcp_client::{Change, Era, Filter};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{NoArguments, Registry, Server, Tool, ToolError};
use serde_json::json;
use tempfile::tempdir;
use tokio::net::TcpListener;

use crate::bridge::Bridge;
use crate::site::site;

/// An address where nobody listens.
async fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address")
}

/// Serves one tool there.
async fn serve(address: SocketAddr) {
    let mut registry = Registry::new();
    let tool = Tool::new("knock", |_, _: NoArguments| async move { Ok::<_, ToolError>("who is there?".to_owned()) });
    registry.add_tool(tool).expect("there is no other tool");
    let dispatcher = Server::new(registry).into_dispatcher().expect("the server is sound");
    let socket = TcpListener::bind(address).await.expect("the port is still free");
    let service = HttpService::new(dispatcher, HttpConfig::default()).expect("the configuration is sound");
    tokio::spawn(Listener::on(socket, service).serve(std::future::pending()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_waits_for_a_server_that_comes_soon() {
    let (address, home) = (nowhere().await, tempdir().expect("a directory"));
    let mut bridge = Bridge::start(home.path(), &[&format!("http://{address}/mcp")]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    serve(address).await;
    let host = bridge.host(Era::Auto).await;
    assert_eq!(host.list_tools().await.expect("a list").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_told_of_the_tools_of_a_server_that_comes_late() {
    for era in [Era::Modern, Era::Legacy] {
        let (address, home) = (nowhere().await, tempdir().expect("a directory"));
        let mut bridge = Bridge::start(home.path(), &["--patience", "500ms", &format!("http://{address}/mcp")]);
        let host = bridge.host(era).await;
        assert!(host.server().instructions.as_deref().is_some_and(|said| said.contains("not there yet")), "{era:?}");
        bridge.says("which is tried until it is there").await;
        assert!(host.list_tools().await.expect("a list").is_empty(), "{era:?}");
        let mut changes = host.listen(Filter::lists()).await.expect("it tells of changes");
        serve(address).await;
        assert_eq!(changes.next().await.and_then(Result::ok), Some(Change::Tools), "{era:?}");
        assert_eq!(host.call_tool("knock", &json!({})).await.expect("it is there").text(), "who is there?");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_leaves_before_the_server_is_there_is_not_waited_for() {
    let (address, home) = (nowhere().await, tempdir().expect("a directory"));
    let bridge = Bridge::start(home.path(), &["--patience", "10m", &format!("http://{address}/mcp")]);
    assert_eq!(bridge.left().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waiting_does_not_mend_ends_the_bridge_at_once() {
    let ((_site, url), home) = (site().await, tempdir().expect("a directory"));
    for (words, code, says) in [
        (vec!["--header", "Authorization=Bearer wrong", url.as_str()], 4, "401"),
        (vec!["--era", "modern", "http://127.0.0.1:1:1/mcp"], 2, "URL"),
    ] {
        let mut bridge = Bridge::start(home.path(), &words);
        assert_eq!(bridge.ended().await, Some(code), "{}", bridge.said());
        bridge.says(says).await;
    }
}
