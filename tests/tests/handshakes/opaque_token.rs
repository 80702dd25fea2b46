//! Claude with an external issuer whose tokens only the issuer can read; the endpoint is the root.

use std::sync::Arc;

use mcp_auth::{Authenticator, Cached, Userinfo};
use mcp_core::{Revision, ScopeSet};
use mcp_parity::http::HttpConfig;
use mcp_tests::client::initialize;
use mcp_tests::issuer::{Issuer, TokenKind};

use super::{ask, json, request, serve, service};

const LIST: &str = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
const CALL: &str = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"mcp_execute","arguments":{"query":"HEART score"}}}"#;

#[tokio::test]
async fn a_client_discovers_signs_in_and_calls() {
    let issuer = Issuer::issuing(TokenKind::Opaque).await;
    let userinfo = Userinfo::new(Issuer::fetcher(), issuer.at("/userinfo")).issuer(issuer.url());
    let provider = Cached::new(userinfo.granting(ScopeSet::parse("mcp:read mcp:execute")).accept_without_audience());
    let server = serve(service(HttpConfig {
        path: "/".to_owned(),
        public_url: Some("https://mcp.example.com".to_owned()),
        authenticator: Authenticator::Provider(Arc::new(provider)),
        ..HttpConfig::default()
    }))
    .await;

    // Discovery: is there a server, and who lets clients in?
    let (head, body) = ask(server, "HEAD", "/", &[], "").await;
    assert_eq!((head.status, head.header("mcp-protocol-version"), &*body), (200, Some(Revision::LATEST.as_str()), ""));
    let (head, body) = ask(server, "GET", "/.well-known/oauth-protected-resource", &[], "").await;
    assert_eq!((head.status, head.header("content-type")), (200, Some("application/json")));
    let metadata = json(&body);
    assert_eq!(metadata["authorization_servers"], serde_json::json!([issuer.url()]));
    assert_eq!(metadata["scopes_supported"], serde_json::json!(["mcp:execute", "mcp:read"]));
    let resource = metadata["resource"].as_str().expect("a resource");

    // Between client and issuer only.
    let client = issuer.register().await;
    let code = issuer.authorize(&client, "mcp:read mcp:execute", resource).await.expect("the user consents");
    assert_eq!(code.iss, issuer.url());
    let answer = issuer.exchange(&client, &code).await.expect("the code is good");
    assert_eq!(answer["scope"], "mcp:read mcp:execute");
    let token = answer["access_token"].as_str().expect("a token");
    assert_eq!(token.split('.').count(), 5);
    assert!(issuer.exchange(&client, &code).await.is_none(), "a code is good once");

    // The original let anybody do the following without looking at the token.
    let bearer = format!("Bearer {token}");
    let opening = initialize(Revision::V2025_06_18);
    for wrong in [None, Some("Bearer a.b.c.d.e")] {
        let headers: Vec<_> = wrong.map(|value| ("Authorization", value)).into_iter().collect();
        let (head, _) = ask(server, "POST", "/", &headers, &opening).await;
        let challenge = head.header("www-authenticate").expect("a challenge");
        assert_eq!((head.status, challenge.contains("invalid_token")), (401, wrong.is_some()), "{challenge}");
        let named = "resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource\"";
        assert!(challenge.contains(named), "{challenge}");
    }
    let asked_before = issuer.count("/userinfo");
    let (head, body) = ask(server, "POST", "/", &[("Authorization", &bearer)], &opening).await;
    assert_eq!((head.status, &json(&body)["result"]["protocolVersion"]), (200, &serde_json::json!("2025-06-18")));
    let session = head.header("mcp-session-id").expect("a session").to_owned();

    let headers = [("Authorization", &*bearer), ("Mcp-Session-Id", &session), ("MCP-Protocol-Version", "2025-06-18")];
    let (head, body) = ask(server, "POST", "/", &headers, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    assert_eq!((head.status, &*body), (202, ""));

    let stream = request(server, "GET", "/", &headers, "").send().await.expect("the server listens");
    assert_eq!((stream.head.status, stream.head.header("content-type")), (200, Some("text/event-stream")));
    let (head, _) = ask(server, "GET", "/", &headers[..1], "").await;
    assert_eq!(head.status, 405, "there is no stream without a session");
    assert!(head.header("allow").is_some_and(|allow| ["POST", "HEAD", "DELETE"].iter().all(|method| allow.contains(method))));
    assert_eq!(ask(server, "GET", "/", &headers[1..], "").await.0.status, 401, "who is calling is asked before what for");

    let (head, body) = ask(server, "POST", "/", &headers, LIST).await;
    let listed = json(&body);
    let names: Vec<_> = listed["result"]["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!((head.status, names), (200, vec!["mcp_execute", "mcp_get_info", "mcp_list", "whoami"]));
    let (head, body) = ask(server, "POST", "/", &headers, CALL).await;
    assert_eq!((head.status, &json(&body)["result"]["content"][0]["text"]), (200, &serde_json::json!("HEART score for ann")));

    assert_eq!(issuer.count("/userinfo") - asked_before, 1, "the original asked the issuer with each request");
    let elsewhere =
        issuer.asked().iter().filter(|asked| format!("{asked:?}").contains(token)).filter(|asked| asked.path != "/userinfo").count();
    assert_eq!(elsewhere, 0, "the token is shown to the endpoint that knows it and to no other");
}
