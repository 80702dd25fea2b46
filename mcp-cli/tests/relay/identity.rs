//! Back ends that believe what a gateway says of the caller.

use mcp_client::Client;
use mcp_parity::auth::{ApiKeys, Gateway};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{Context, NoArguments, Registry, Server, Tool, ToolError};
use serde_json::json;

use crate::support::{MCP, Served};

/// A server that says who it thinks is calling.
async fn back_end() -> String {
    let mut registry = Registry::new();
    let tool = Tool::new("who", |cx: Context, _: NoArguments| async move {
        let caller = cx.principal();
        Ok::<_, ToolError>(format!("{} [{}] {}", caller.subject().unwrap_or("nobody"), caller.scopes(), caller.email().unwrap_or("-")))
    });
    registry.add_tool(tool.with_scope("who")).expect("there is no other tool");
    let gateway = Gateway::trusting(["127.0.0.1/32".parse().expect("a network")]).secret("s3cret-of-the-gateway");
    let server = Server::new(registry).auth(gateway);
    let config = HttpConfig {
        authenticator: mcp_parity::auth::Authenticator::Provider(std::sync::Arc::new(
            Gateway::trusting(["127.0.0.1/32".parse().expect("a network")]).secret("s3cret-of-the-gateway"),
        )),
        ..HttpConfig::default()
    };
    let service = HttpService::new(server.into_dispatcher().expect("the server is sound"), config).expect("the configuration is sound");
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/mcp", socket.local_addr().expect("a bound socket has an address"));
    tokio::spawn(async move { Listener::on(socket, service).serve(std::future::pending()).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_back_end_hears_who_calls_and_nothing_that_a_caller_says() {
    let url = back_end().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    let (ann, bob) = (ApiKeys::generate("mcpk"), ApiKeys::generate("mcpk"));
    let key = |key: &str, subject: &str, scopes: &str| {
        format!("[[auth.api_key]]\nhash = \"{}\"\nsubject = \"{subject}\"\nscopes = {scopes}\n", ApiKeys::hash(key))
    };
    let text = format!(
        "[gateway]\nscope = \"\"\nidentity_secret_env = \"RELAY_TEST_SECRET\"\n{}{}",
        key(&ann, "ann", r#"["who", "more"]"#),
        key(&bob, "bob", "[]")
    );
    std::fs::write(&file, text).expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    // Given to the process that is started, through `env`, which is on every system that has the tests' other programs.
    let started = ["RELAY_TEST_SECRET=s3cret-of-the-gateway", MCP, "gateway", "--bind", "127.0.0.1:0", "--settings", file];
    let gateway = Served::start(
        "env",
        &[&started[..], &["--header", "x-auth-user=gateway", "--header", "x-auth-secret=s3cret-of-the-gateway", &url]].concat(),
    );
    let as_whom = async |key: &str| {
        let spoofing = Client::builder().bearer(key).header("x-auth-user", "root").header("x-auth-scopes", "who admin");
        let spoofing = spoofing.header("x-auth-email", "root@example.com").header("x-auth-secret", "guess");
        spoofing.connect(&gateway.url).await.expect("the key is taken")
    };
    let who = as_whom(&ann).await.call_tool("who", &json!({})).await.expect("ann may ask");
    assert_eq!(who.text(), "ann [more who] -");
    let refused = as_whom(&bob).await.call_tool("who", &json!({})).await.expect_err("the back end refuses bob");
    assert!(!refused.to_string().contains("root"), "{refused}");
}
