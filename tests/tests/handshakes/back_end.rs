//! The server as the back end of a proxy that has identified the caller.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use mcp_auth::{Authenticator, Gateway};
use mcp_core::Revision;
use mcp_parity::http::HttpConfig;
use mcp_testkit::http::Head;
use mcp_tests::client::initialize;
use tokio::net::TcpSocket;

use super::{json, request, serve, service, whole};

/// Loopback is a whole network, so the proxy and the others can have addresses of their own.
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

const CALL: &str = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"mcp_execute","arguments":{"query":"q"}}}"#;

async fn ask_from(from: Ipv4Addr, server: SocketAddr, headers: &[(&str, &str)], body: &str) -> (Head, String) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("an address of loopback");
    let stream = socket.connect(server).await.expect("the server listens");
    whole(request(server, "POST", "/mcp", headers, body).send_on(stream).await.expect("an answer")).await
}

#[tokio::test]
async fn identity_headers_count_from_the_proxy_alone() {
    let provider = Authenticator::Provider(Arc::new(Gateway::trusting([format!("{PROXY}/32").parse().expect("a network")])));
    let server = serve(service(HttpConfig { authenticator: provider, ..HttpConfig::default() })).await;
    let identity = [("X-Auth-User", "ann"), ("X-Auth-Scopes", "mcp:execute user"), ("X-Auth-Email", "ann@example.com")];

    let (head, _) = ask_from(PROXY, server, &identity, &initialize(Revision::V2025_06_18)).await;
    assert_eq!(head.status, 200);
    let session = head.header("mcp-session-id").expect("a session").to_owned();
    let in_session = async |headers: &[(&str, &str)]| {
        let all = [&[("Mcp-Session-Id", &*session)], headers].concat();
        (ask_from(PROXY, server, &all, CALL).await, ask_from(ELSEWHERE, server, &all, CALL).await)
    };
    let (proxied, spoofed) = in_session(&identity).await;
    assert_eq!((proxied.0.status, &json(&proxied.1)["result"]["content"][0]["text"]), (200, &serde_json::json!("q for ann")));
    assert_eq!(spoofed.0.status, 401);
    assert!(spoofed.0.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer")));

    // The proxy says who is calling with each request, and what the caller holds now.
    let (bob, _) = in_session(&[("X-Auth-User", "bob"), ("X-Auth-Scopes", "mcp:execute")]).await;
    assert_eq!(bob.0.status, 404, "the session is ann's");
    let (without, _) = in_session(&[("X-Auth-User", "ann"), ("X-Auth-Scopes", "user")]).await;
    assert_eq!(without.0.status, 403);
    let (nobody, _) = in_session(&[("X-Auth-Scopes", "mcp:execute")]).await;
    assert_eq!(nobody.0.status, 401);
    let (twice, _) = in_session(&[("X-Auth-User", "ann"), ("X-Auth-User", "root"), ("X-Auth-Scopes", "mcp:execute")]).await;
    assert_eq!(twice.0.status, 401, "neither the first nor the last of two users counts");
}
