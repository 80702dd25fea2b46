//! Connections of real clients, step by step, against our server and an issuer that speaks the real protocol.

#[path = "handshakes/back_end.rs"]
mod back_end;
#[path = "handshakes/consent_page.rs"]
mod consent_page;
#[path = "handshakes/deployed.rs"]
mod deployed;
#[path = "handshakes/github_login.rs"]
mod github_login;
#[path = "handshakes/opaque_token.rs"]
mod opaque_token;
#[path = "handshakes/several.rs"]
mod several;
#[path = "handshakes/well_known.rs"]
mod well_known;

use std::net::SocketAddr;

use bytes::Bytes;
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{Principal, Registry, Server, Tool, ToolError};
use mcp_testkit::http::{Head, Request, Response};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
struct Query {
    query: String,
}

/// The tools that the recorded server had, as a service at the path that `config` says.
fn service(config: HttpConfig) -> HttpService {
    let mut registry = Registry::new();
    let list = Tool::new("mcp_list", |_, Nothing {}: Nothing| async { Ok::<_, ToolError>("scores") });
    let info = Tool::new("mcp_get_info", |_, Nothing {}: Nothing| async { Ok::<_, ToolError>("about scores") });
    let execute = Tool::new("mcp_execute", |cx, Query { query }: Query| async move {
        Ok::<_, ToolError>(format!("{query} for {}", name_of(cx.principal())))
    });
    for tool in [list.with_scope("mcp:read"), info.with_scope("mcp:read"), execute.with_scope("mcp:execute")] {
        registry.add_tool(tool).expect("the names differ");
    }
    let open = Tool::new("whoami", |cx, Nothing {}: Nothing| async move { Ok::<_, ToolError>(name_of(cx.principal())) });
    registry.add_tool(open).expect("the names differ");
    let dispatcher = Server::new(registry).named("scores", "1.0.0").into_dispatcher().expect("the server is sound");
    HttpService::new(dispatcher, config).expect("the configuration is usable")
}

fn name_of(principal: &Principal) -> String {
    principal.subject().unwrap_or("nobody").to_owned()
}

async fn serve(service: HttpService) -> SocketAddr {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("there is a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(listener.serve(std::future::pending()));
    address
}

fn request(address: SocketAddr, method: &'static str, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut all = vec![("Accept".to_owned(), "application/json, text/event-stream".to_owned())];
    if method == "POST" {
        all.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Request { address, method, path: path.to_owned(), headers: all, body: Bytes::copy_from_slice(body.as_bytes()) }
}

async fn whole(mut response: Response) -> (Head, String) {
    let body = response.body().await.expect("the connection lives");
    (response.head, String::from_utf8(body).expect("text"))
}

async fn ask(address: SocketAddr, method: &'static str, path: &str, headers: &[(&str, &str)], body: &str) -> (Head, String) {
    whole(request(address, method, path, headers, body).send().await.expect("the server listens")).await
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
