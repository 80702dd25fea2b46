//! What the server says of itself, and where its endpoints are.

use std::sync::Arc;

use mcp_auth::server::{AuthServer, Developer, DeveloperLogin, MagicLink, MasterKey, MemoryMailer};
use mcp_store::Memory;
use mcp_tests::authorized::Authorized;
use serde_json::{Value, json};

use crate::support::refused;

const METADATA: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn as_01_the_metadata_says_what_there_is() {
    let site = Authorized::start().await;
    let answer = site.get(METADATA).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], site.url, "to the letter");
    for (member, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("jwks_uri", "/jwks"),
        ("revocation_endpoint", "/revoke"),
        ("introspection_endpoint", "/introspect"),
        ("registration_endpoint", "/register"),
    ] {
        assert_eq!(metadata[member], format!("{}{path}", site.url), "{member}");
    }
    for (member, value) in [
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("client_id_metadata_document_supported", json!(true)),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("protected_resources", json!([format!("{}/mcp", site.url)])),
    ] {
        assert_eq!(metadata[member], value, "{member}");
    }
    for (member, among) in [
        ("grant_types_supported", &["authorization_code", "refresh_token", "client_credentials"][..]),
        ("token_endpoint_auth_methods_supported", &["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]),
        ("token_endpoint_auth_signing_alg_values_supported", &["ES256"]),
        ("scopes_supported", &["mcp:read", "mcp:execute", "offline_access"]),
    ] {
        for value in among {
            assert!(texts(&metadata[member]).contains(value), "{member} {value}");
        }
    }
    let algorithms = texts(&metadata["token_endpoint_auth_signing_alg_values_supported"]);
    assert!(!algorithms.iter().any(|name| *name == "none" || name.starts_with("HS")), "{algorithms:?}");
}

#[tokio::test]
async fn as_01_what_is_switched_off_is_not_said_to_be_there() {
    let site = Authorized::with(|builder| builder.registration(false).documents(false)).await;
    let metadata = site.get(METADATA).await.json();
    assert!(metadata.get("registration_endpoint").is_none(), "{metadata}");
    assert_eq!(metadata["client_id_metadata_document_supported"], false);
    refused(&site.register(&json!({"redirect_uris": ["https://client.example/callback"]})).await, 403, "access_denied");
    assert!(site.recorded("oauth/register", "access_denied"));
}

#[tokio::test]
async fn as_02_openid_discovery_is_the_same_document() {
    let site = Authorized::start().await;
    let (oauth, oidc) = (site.get(METADATA).await, site.get("/.well-known/openid-configuration").await);
    assert_eq!((oidc.status, oidc.json()), (200, oauth.json()));
    let metadata = oidc.json();
    for member in ["subject_types_supported", "id_token_signing_alg_values_supported", "claims_supported"] {
        assert!(metadata[member].as_array().is_some_and(|values| !values.is_empty()), "{member}");
    }
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    // The issuer has no path, so what is asked for with one has another issuer.
    for path in [
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration/mcp",
        "/mcp/.well-known/openid-configuration",
        "/mcp/.well-known/oauth-authorization-server",
    ] {
        let answer = site.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/json")), "{path}");
    }
}

#[tokio::test]
async fn as_03_the_endpoints_are_where_clients_without_metadata_look() {
    let site = Authorized::start().await;
    let authorize = site.get("/authorize").await;
    assert_eq!((authorize.status, authorize.header("content-type")), (400, Some("text/html; charset=utf-8")));
    refused(&site.post("/token", &[]).await, 400, "invalid_request");
    refused(&site.register(&json!({})).await, 400, "invalid_redirect_uri");
}

#[tokio::test]
async fn as_38_the_issuer_is_https_or_on_loopback_and_never_what_a_client_says() {
    let build = |url: &str| {
        let builder = AuthServer::builder(url).shared_store(Arc::new(Memory::new())).key(MasterKey::generate());
        builder.login(MagicLink::new(MemoryMailer::new())).build()
    };
    for (url, starts) in [
        ("https://mcp.example.com", true),
        ("http://127.0.0.1:8080", true),
        ("http://localhost:8080", true),
        ("http://mcp.example.com", false),
        ("http://192.168.0.1:8080", false),
        ("http://localhost.example.com", false),
        ("//mcp.example.com", false),
    ] {
        assert_eq!(build(url).is_ok(), starts, "{url}");
    }
    let everybody = AuthServer::builder("https://mcp.example.com").shared_store(Arc::new(Memory::new())).key(MasterKey::generate());
    assert!(everybody.login(DeveloperLogin::new([Developer::new("ann")])).build().is_err(), "developers sign in on loopback only");

    let site = Authorized::start().await;
    let port = site.address.port();
    for (host, status) in
        [(format!("localhost:{port}"), 200), ("evil.example".to_owned(), 403), (format!("127.0.0.1.evil.example:{port}"), 403)]
    {
        let headers = [("Host", host.as_str()), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https")];
        let answer = site.send("GET", METADATA, &headers, "").await;
        assert_eq!(answer.status, status, "{host}");
        if status == 200 {
            assert_eq!((&answer.json()["issuer"], answer.body.contains("evil.example")), (&json!(site.url), false), "{host}");
        }
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|value| value.as_str().expect("a text")).collect()
}
