//! Callers without a token, where they are let in.

use mcp_auth::{ApiKeys, AuthMode, FirstOf, Principal, Tier};
use mcp_core::{Connection, Exchange, Outlet, Revision, Transport};
use mcp_parity::SecuritySchemes;
use mcp_parity::http::HttpConfig;
use mcp_testkit::http::Request;
use mcp_tests::client::{call, initialize, post};
use mcp_tests::protected::{Answer, BASELINE, Issuer, METADATA, Site, authorized, behind};
use serde_json::{Value, json};
use std::sync::Arc;

async fn start(mode: AuthMode) -> (Issuer, Site) {
    let issuer = Issuer::default();
    let key = ApiKeys::new("mcpk").key("mcpk_admin", Principal::new("ops").with_tier(Tier::Admin));
    let provider = FirstOf::new(vec![Arc::new(key), Arc::new(issuer.verifier())]);
    let site = Site::with(HttpConfig { auth_mode: mode, ..behind(provider) }).await;
    (issuer, site)
}

/// A request of 2026-07-28 without parameters of its own.
fn modern(site: &Site, method: &str) -> Request {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;
    site.request(None, &format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{meta}}}}}"#))
}

#[tokio::test]
async fn rs_26_lazy_lets_callers_look_around() {
    let (_, site) = start(AuthMode::Lazy).await;
    let old = Revision::V2025_11_25;
    let opened = Answer::of(post(site.address, old, None, &initialize(old))).await;
    let session = opened.header("mcp-session-id").expect("a session");
    let send = |frame: &str| Answer::of(post(site.address, old, Some(session), frame));
    assert_eq!(send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await.status, 202);
    for method in ["ping", "tools/list", "resources/list", "resources/templates/list", "prompts/list"] {
        let answer = send(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#)).await;
        assert!(answer.status == 200 && answer.json().get("result").is_some(), "{method}: {answer:?}");
    }
    for method in ["server/discover", "tools/list", "resources/list", "prompts/list"] {
        let answer = Answer::of(modern(&site, method)).await;
        assert!(answer.status == 200 && answer.json().get("result").is_some(), "{method}: {answer:?}");
        assert!(!answer.body.contains("administers"), "what is above its tier is hidden from whoever did not say who it is");
    }
    let mut plain = modern(&site, "tools/list");
    (plain.method, plain.path) = ("GET", "/mcp/tools".to_owned());
    assert_eq!(Answer::of(plain).await.status, 200);
}

#[tokio::test]
async fn rs_26_lazy_asks_who_it_is_as_soon_as_something_is_used() {
    let (issuer, site) = start(AuthMode::Lazy).await;
    for (tool, scope) in
        [("whoami", BASELINE), ("reads", "mcp:read"), ("executes_and_writes", "mcp:execute mcp:write"), ("confirms", BASELINE)]
    {
        let answer = site.call(None, tool).await;
        assert_eq!((answer.status, answer.challenged("error")), (401, None), "{tool}: {answer:?}");
        assert_eq!((answer.challenged("scope"), answer.challenged("resource_metadata")), (Some(scope), Some(METADATA)), "{tool}");
        assert_eq!(answer.json()["error"]["code"], -31401, "{tool}");
    }
    let (hidden, absent) = (site.call(None, "administers").await, site.call(None, "absent").await);
    assert_eq!(hidden.body.replace("administers", "absent"), absent.body);
    assert_eq!(site.call_everywhere(&issuer.token(json!({})), "reads").await.status, 200);
    assert_eq!(site.call_everywhere("mcpk_admin", "administers").await.challenged("scope"), Some("mcp:admin"));
    let mut plain = site.request(None, "{}");
    plain.path = "/mcp/tool/whoami".to_owned();
    assert_eq!(Answer::of(plain).await.status, 401);
}

#[tokio::test]
async fn rs_26_a_token_that_is_there_is_always_checked() {
    for mode in [AuthMode::Required, AuthMode::Lazy, AuthMode::Optional] {
        let (issuer, site) = start(mode).await;
        let stale = issuer.token(json!({"exp": 1_000_000_000}));
        let old = Revision::V2025_11_25;
        for token in ["bad", "mcpk_unknown", &stale, "x\"y", ""] {
            let ask = authorized(modern(&site, "tools/list"), Some(token));
            let open = authorized(post(site.address, old, None, &initialize(old)), Some(token));
            for request in [ask, open] {
                let answer = Answer::of(request).await;
                assert_eq!((answer.status, answer.challenged("error")), (401, Some("invalid_token")), "{mode:?} {token}: {answer:?}");
            }
        }
        // Whoever presents something else meant to be somebody.
        let mut basic = modern(&site, "tools/list");
        basic.headers.push(("Authorization".to_owned(), "Basic YTpi".to_owned()));
        assert_eq!(Answer::of(basic).await.status, 401, "{mode:?}");
        let mut twice = authorized(modern(&site, "tools/list"), Some("a"));
        twice.headers.push(("Authorization".to_owned(), "Basic YTpi".to_owned()));
        assert_eq!(Answer::of(twice).await.status, 401, "{mode:?}");
    }
}

#[tokio::test]
async fn rs_27_tools_say_what_they_ask_of_their_caller() {
    for (anonymous, open) in [(true, json!([{"type": "noauth"}])), (false, json!([{"type": "oauth2", "scopes": []}]))] {
        let dispatcher =
            mcp_tests::protected::server().security_schemes(SecuritySchemes { anonymous }).into_dispatcher().expect("it is sound");
        let exchange = Exchange::on_connection(Connection::new(), Principal::local(), Transport::Stdio, Outlet::new());
        let lists: Value = serde_json::from_slice(&dispatcher.describe(&exchange)).expect("JSON");
        for (tool, schemes) in [
            ("whoami", open),
            ("reads", json!([{"type": "oauth2", "scopes": ["mcp:read"]}])),
            ("executes_and_writes", json!([{"type": "oauth2", "scopes": ["mcp:execute", "mcp:write"]}])),
            ("administers", json!([{"type": "oauth2", "scopes": ["mcp:admin"]}])),
            ("confirms", json!([{"type": "oauth2", "scopes": []}])),
        ] {
            let entry = lists["tools"].as_array().expect("a list").iter().find(|entry| entry["name"] == tool).expect("it is listed");
            assert_eq!((&entry["securitySchemes"], &entry["_meta"]["securitySchemes"]), (&schemes, &schemes), "{tool}");
        }
    }
    let (issuer, site) = start(AuthMode::Required).await;
    let listed = Answer::of(authorized(modern(&site, "tools/list"), Some(&issuer.token(json!({}))))).await;
    assert!(listed.status == 200 && !listed.body.contains("securitySchemes"), "off unless the server turns it on: {listed:?}");
}

/// A client that is answered 200 would need `_meta["mcp/www_authenticate"]` in the result; no refusal is.
#[tokio::test]
async fn rs_27_a_refusal_is_never_a_result() {
    let (issuer, site) = start(AuthMode::Optional).await;
    let token = issuer.token(json!({"scope": "mcp:read"}));
    for (token, status) in [(None, 401), (Some(&*token), 403)] {
        for tool in ["executes", "confirms"] {
            for accept in ["application/json", "text/event-stream", "application/json, text/event-stream"] {
                let mut request = authorized(site.request(None, &call(Revision::LATEST, 1, tool, "{}")), token);
                request.headers.retain(|(name, _)| name != "Accept");
                request.headers.push(("Accept".to_owned(), accept.to_owned()));
                let answer = Answer::of(request).await;
                assert_eq!(
                    (answer.status, answer.header("content-type")),
                    (status, Some("application/json")),
                    "{tool} {accept}: {answer:?}"
                );
                assert!(
                    answer.json().get("result").is_none() && answer.header("www-authenticate").is_some(),
                    "{tool} {accept}: {answer:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn rs_27_what_asks_for_nothing_is_for_everybody() {
    let (issuer, site) = start(AuthMode::Optional).await;
    let open = site.call(None, "whoami").await;
    assert!(open.status == 200 && open.body.contains("nobody of nowhere"), "{open:?}");
    for (tool, scope) in [("reads", "mcp:read"), ("executes_and_writes", "mcp:execute mcp:write"), ("confirms", BASELINE)] {
        let answer = site.call(None, tool).await;
        assert_eq!((answer.status, answer.challenged("error")), (401, None), "{tool}: {answer:?}");
        assert_eq!((answer.challenged("scope"), answer.challenged("resource_metadata")), (Some(scope), Some(METADATA)), "{tool}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "no stream was opened before");
    }
    let known = site.call_everywhere(&issuer.token(json!({})), "whoami").await;
    assert!(known.body.contains("ann of https://issuer.example"), "{known:?}");
    assert_eq!(site.call_everywhere(&issuer.token(json!({})), "reads").await.status, 200);
    let (hidden, absent) = (site.call(None, "administers").await, site.call(None, "absent").await);
    assert_eq!(hidden.body.replace("administers", "absent"), absent.body);
}
