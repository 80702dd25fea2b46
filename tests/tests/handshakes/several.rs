//! One client with parallel connections to several endpoints of one process, some with authorization and some without.

use std::net::SocketAddr;
use std::sync::Arc;

use mcp_auth::{AuthMode, Authenticator, JwtIssuer, JwtVerifier};
use mcp_core::Revision;
use mcp_parity::http::{HttpConfig, HttpService};
use mcp_tests::client::call;
use mcp_tests::issuer::Issuer;

use super::{ask, json, serve, service};

fn endpoint(path: &str, authenticator: Authenticator, auth_mode: AuthMode) -> HttpService {
    service(HttpConfig {
        path: path.to_owned(),
        sse_paths: Vec::new(),
        public_url: Some("https://mcp.example.com".to_owned()),
        authenticator,
        auth_mode,
        ..HttpConfig::default()
    })
}

/// What `tool` of an endpoint answers: the status, and the text if there is one.
async fn answer(server: SocketAddr, path: &str, token: Option<&str>, tool: &str) -> (u16, Option<String>) {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("MCP-Protocol-Version", Revision::LATEST.as_str()), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool)];
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    let (head, body) = ask(server, "POST", path, &headers, &call(Revision::LATEST, 1, tool, "{}")).await;
    (head.status, json(&body)["result"]["content"][0]["text"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn each_endpoint_asks_as_it_is_told() {
    let issuer = Issuer::start().await;
    let verifier: Arc<JwtVerifier> = Arc::new(JwtVerifier::new(Issuer::fetcher()).issuer(JwtIssuer::new(issuer.url()).expect("an issuer")));
    let provider = || Authenticator::Provider(verifier.clone());
    let server = endpoint("/open", Authenticator::Nobody, AuthMode::Required)
        .and(endpoint("/closed", provider(), AuthMode::Required))
        .and_then(|service| service.and(endpoint("/optional", provider(), AuthMode::Optional)))
        .and_then(|service| service.and(endpoint("/lazy", provider(), AuthMode::Lazy)))
        .expect("the paths differ");
    let server = serve(server).await;

    let token_for = |path: &str| {
        let mut claims = issuer.claims("ann", &format!("https://mcp.example.com{path}"));
        claims["scope"] = "mcp:read".into();
        issuer.token(&claims)
    };
    let (closed, optional, lazy) = (token_for("/closed"), token_for("/optional"), token_for("/lazy"));
    let ann = || Some("ann".to_owned());
    let nobody = || Some("nobody".to_owned());
    let cases = [
        ("/open", None, "whoami", (200, nobody())),
        ("/open", Some(&*closed), "whoami", (200, nobody())),
        ("/open", None, "mcp_list", (401, None)),
        ("/closed", None, "whoami", (401, None)),
        ("/closed", Some(&closed), "whoami", (200, ann())),
        ("/closed", Some(&closed), "mcp_list", (200, Some("scores".to_owned()))),
        ("/closed", Some(&optional), "whoami", (401, None)),
        ("/optional", None, "whoami", (200, nobody())),
        ("/optional", None, "mcp_list", (401, None)),
        ("/optional", Some(&optional), "whoami", (200, ann())),
        ("/optional", Some("rubbish"), "whoami", (401, None)),
        ("/lazy", None, "whoami", (401, None)),
        ("/lazy", Some(&lazy), "whoami", (200, ann())),
        ("/lazy", Some("rubbish"), "whoami", (401, None)),
    ];
    // All at once, as one client does with its servers.
    let asked = cases.map(|(path, token, tool, expected)| {
        let token = token.map(str::to_owned);
        let answered = tokio::spawn(async move { answer(server, path, token.as_deref(), tool).await });
        async move { assert_eq!(answered.await.expect("no panic"), expected, "{tool} at {path}") }
    });
    for answered in asked {
        answered.await;
    }
    let listing = [("MCP-Protocol-Version", Revision::LATEST.as_str()), ("Mcp-Method", "tools/list")];
    let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;
    assert_eq!(ask(server, "POST", "/lazy", &listing, list).await.0.status, 200, "who looks around need not say who it is");
    assert_eq!(ask(server, "POST", "/closed", &listing, list).await.0.status, 401);

    for (path, status) in [("/closed", 200), ("/optional", 200), ("/lazy", 200), ("/open", 404), ("", 404)] {
        let (head, body) = ask(server, "GET", &format!("/.well-known/oauth-protected-resource{path}"), &[], "").await;
        assert_eq!(head.status, status, "{path}");
        if status == 200 {
            assert_eq!(json(&body)["resource"], format!("https://mcp.example.com{path}"));
        }
    }
    assert_eq!(issuer.count("/jwks"), 1, "they share a provider and its keys");
}
