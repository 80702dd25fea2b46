//! Where clients look for metadata, and what they must find there or not.

use std::net::SocketAddr;
use std::sync::Arc;

use mcp_auth::{Authenticator, JwtIssuer, JwtVerifier};
use mcp_parity::http::HttpConfig;
use mcp_tests::issuer::Issuer;

use super::{ask, json, serve, service};

const INSPECTOR: (&str, &str) = ("Origin", "http://localhost:6274");

/// A server that takes the tokens of an issuer.
async fn protected(issuer: &Issuer) -> SocketAddr {
    let provider = JwtVerifier::new(Issuer::fetcher()).issuer(JwtIssuer::new(issuer.url()).expect("an issuer"));
    serve(service(HttpConfig {
        public_url: Some("https://mcp.example.com".to_owned()),
        authenticator: Authenticator::Provider(Arc::new(provider)),
        ..HttpConfig::default()
    }))
    .await
}

#[tokio::test]
async fn metadata_is_at_the_place_of_the_resource_and_nobody_poses_as_the_issuer() {
    let issuer = Issuer::start().await;
    let server = protected(&issuer).await;
    for (path, status) in [
        ("/.well-known/oauth-protected-resource/mcp", 200),
        ("/.well-known/oauth-protected-resource", 200),
        ("/.well-known/oauth-protected-resource/other", 404),
        ("/.well-known/oauth-authorization-server/mcp", 404),
        ("/.well-known/oauth-authorization-server", 404),
        ("/.well-known/openid-configuration/mcp", 404),
        ("/mcp/.well-known/openid-configuration", 404),
    ] {
        let (head, body) = ask(server, "GET", path, &[INSPECTOR], "").await;
        assert_eq!(head.status, status, "{path}");
        assert_eq!(head.header("content-type"), Some("application/json"), "{path}");
        let readable = if status == 200 { "*" } else { INSPECTOR.1 };
        assert_eq!(head.header("access-control-allow-origin"), Some(readable), "{path}");
        let document = json(&body);
        if status == 200 {
            assert_eq!(document["resource"], "https://mcp.example.com/mcp", "{path}");
            assert_eq!(document["authorization_servers"], serde_json::json!([issuer.url()]), "{path}");
            assert_eq!(document["bearer_methods_supported"], serde_json::json!(["header"]), "{path}");
        } else {
            assert!(document["error"].is_object() && document.get("issuer").is_none(), "{path}: {document}");
        }
    }
    assert_eq!(issuer.asked().len(), 0, "nothing of this needs the issuer");

    let (head, _) = ask(server, "OPTIONS", "/mcp", &[INSPECTOR, ("Access-Control-Request-Method", "POST")], "").await;
    assert_eq!(head.status, 204, "a preflight has no credentials");
    let (head, _) = ask(server, "POST", "/mcp", &[INSPECTOR], "{}").await;
    let exposed = head.header("access-control-expose-headers").unwrap_or_default();
    assert!(head.status == 401 && exposed.contains("www-authenticate"), "{head:?}");
}

#[tokio::test]
async fn metadata_is_for_pages_of_every_origin() {
    let issuer = Issuer::start().await;
    let server = protected(&issuer).await;
    let page = [("Origin", "https://client.example")];
    let (head, _) = ask(server, "GET", "/.well-known/oauth-protected-resource/mcp", &page, "").await;
    assert_eq!((head.status, head.header("access-control-allow-origin")), (200, Some("*")));
    // Clients send the protocol's version with it, for which browsers ask first.
    let preflight = [page[0], ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "mcp-protocol-version")];
    let (head, _) = ask(server, "OPTIONS", "/.well-known/oauth-protected-resource/mcp", &preflight, "").await;
    assert_eq!((head.status, head.header("access-control-allow-origin")), (204, Some("*")));
    assert_eq!(head.header("access-control-allow-headers"), Some("mcp-protocol-version"));
    for (hosts, status) in [(&[("Host", "evil.example")][..], 403), (&[("Host", "localhost"), ("Host", "evil.example")], 400)] {
        let (head, _) = ask(server, "GET", "/.well-known/oauth-protected-resource/mcp", hosts, "").await;
        assert_eq!(head.status, status, "one `Host`, and a known one: {hosts:?}");
    }
    assert_eq!(ask(server, "POST", "/mcp", &page, "{}").await.0.status, 403, "the endpoint is not");
}
