//! What callers may do: a tier hides, a scope challenges, a second factor steps up.

use std::sync::Arc;

use mcp_auth::{Grant, Member, Policy, Role, ScopeHierarchy, Tier};
use mcp_core::Revision;
use mcp_tests::client::{initialize, post};
use mcp_tests::protected::{Answer, Issuer, METADATA, Site, authorized};
use serde_json::json;

#[tokio::test]
async fn rs_16_a_missing_scope_is_a_challenge_with_all_of_them() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    for (held, tool, status, asked) in [
        ("mcp:read", "reads", 200, ""),
        ("mcp:read", "executes_and_writes", 403, "mcp:execute mcp:read mcp:write"),
        ("mcp:execute", "executes_and_writes", 403, "mcp:execute mcp:write"),
        ("", "executes_and_writes", 403, "mcp:execute mcp:write"),
        ("mcp:execute mcp:write", "executes_and_writes", 200, ""),
        ("MCP:READ", "reads", 403, "MCP:READ mcp:read"),
        ("mcp:readx mcp", "reads", 403, "mcp mcp:read mcp:readx"),
    ] {
        let token = issuer.token(json!({ "scope": held }));
        let answer = site.call_everywhere(&token, tool).await;
        assert_eq!(answer.status, status, "{held} {tool}: {answer:?}");
        if status == 200 {
            continue;
        }
        assert_eq!(answer.header("content-type"), Some("application/json"), "no stream is opened for a refusal");
        let expected = format!("Bearer error=\"insufficient_scope\", scope=\"{asked}\", resource_metadata=\"{METADATA}\"");
        assert_eq!(answer.challenge(), expected, "{held} {tool}");
        assert_eq!(answer.json()["error"]["data"]["error"], "insufficient_scope");
    }
}

#[tokio::test]
async fn rs_16_every_kind_of_item_is_checked_in_every_revision() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let token = issuer.token(json!({"scope": "mcp:execute"}));
    for revision in [Revision::V2025_03_26, Revision::V2025_06_18, Revision::V2025_11_25] {
        let opened = authorized(post(site.address, revision, None, &initialize(revision)), Some(&token));
        let opened = Answer::of(opened).await;
        let session = opened.header("mcp-session-id").expect("a session");
        for (method, params) in [
            ("tools/call", r#"{"name":"reads"}"#),
            ("resources/read", r#"{"uri":"secret://notes"}"#),
            ("resources/subscribe", r#"{"uri":"secret://notes"}"#),
            ("prompts/get", r#"{"name":"brief"}"#),
        ] {
            let frame = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
            let answer = Answer::of(authorized(post(site.address, revision, Some(session), &frame), Some(&token))).await;
            assert_eq!((answer.status, answer.challenged("scope")), (403, Some("mcp:execute mcp:read")), "{revision} {method}: {answer:?}");
        }
    }
    // The plain adapter asks in the same way.
    let mut plain = site.request(Some(&token), "{}");
    plain.path = "/mcp/tool/reads".to_owned();
    let answer = Answer::of(plain).await;
    assert_eq!((answer.status, answer.challenged("scope")), (403, Some("mcp:execute mcp:read")));
}

#[tokio::test]
async fn rs_16_a_tier_hides_and_a_second_factor_steps_up() {
    let issuer = Issuer::default();
    let admins = Role::of([Member::Subject("ada".to_owned())]).giving_tier(Tier::Admin);
    let site = Site::start(Policy::new().role("admin", admins).guarding(Arc::new(issuer.verifier()))).await;
    let (hidden, nameless) = (
        site.call_everywhere(&issuer.token(json!({})), "administers").await,
        site.call_everywhere(&issuer.token(json!({})), "absent").await,
    );
    assert_eq!((hidden.status, hidden.header("www-authenticate")), (200, None), "{hidden:?}");
    assert_eq!(hidden.body.replace("administers", "absent"), nameless.body, "what is hidden is not there");
    let ada = site.call_everywhere(&issuer.token(json!({"sub": "ada"})), "administers").await;
    assert_eq!((ada.status, ada.challenged("scope")), (403, Some("mcp:admin mcp:read")), "{ada:?}");
    let ada = site.call_everywhere(&issuer.token(json!({"sub": "ada", "scope": "mcp:admin"})), "administers").await;
    assert_eq!(ada.status, 200, "{ada:?}");

    let once = site.call_everywhere(&issuer.token(json!({"amr": ["pwd"]})), "confirms").await;
    let expected = format!("Bearer error=\"insufficient_user_authentication\", resource_metadata=\"{METADATA}\"");
    assert_eq!((once.status, once.challenge()), (403, &*expected), "{once:?}");
    let twice = site.call_everywhere(&issuer.token(json!({"amr": ["pwd", "mfa"]})), "confirms").await;
    assert_eq!(twice.status, 200, "{twice:?}");
}

#[tokio::test]
async fn rs_17_a_broader_scope_includes_narrower_ones() {
    let issuer = Issuer::default();
    let hierarchy = ScopeHierarchy::new().implies("mcp:admin", ["mcp:execute", "mcp:write"]).implies("mcp:execute", ["mcp:read"]);
    let site = Site::start(Policy::new().hierarchy(hierarchy.clone()).guarding(Arc::new(issuer.verifier()))).await;
    for (held, tool, status) in [
        ("mcp:execute", "reads", 200),
        ("mcp:admin", "reads", 200),
        ("mcp:admin", "executes_and_writes", 200),
        ("mcp:read", "executes", 403),
        ("mcp:execute", "executes_and_writes", 403),
        ("mcp:adm", "reads", 403),
    ] {
        let answer = site.call_everywhere(&issuer.token(json!({ "scope": held })), tool).await;
        assert_eq!(answer.status, status, "{held} {tool}: {answer:?}");
    }
    // A role that gives the broader scope gives the narrower ones to a token that has neither.
    let role = Role::of([Member::Everybody]).giving_scopes(["mcp:execute"]);
    let policy = Policy::new().hierarchy(hierarchy).role("user", role).grant(Grant::Role);
    let by_role = Site::start(policy.guarding(Arc::new(issuer.verifier()))).await;
    assert_eq!(by_role.call_everywhere(&issuer.token(json!({"scope": ""})), "reads").await.status, 200);
    assert_eq!(by_role.call_everywhere(&issuer.token(json!({"scope": "mcp:admin"})), "executes_and_writes").await.status, 403);
}

#[tokio::test]
async fn rs_17_whom_the_policy_does_not_admit_is_told_to_go_not_to_sign_in() {
    let issuer = Issuer::default();
    let policy = Policy::new().admit([Member::Subject("ada".to_owned())]);
    let site = Site::start(policy.guarding(Arc::new(issuer.verifier()))).await;
    let ann = site.call_everywhere(&issuer.token(json!({})), "whoami").await;
    assert_eq!((ann.status, ann.header("www-authenticate")), (403, None), "{ann:?}");
    assert_eq!(site.call_everywhere(&issuer.token(json!({"sub": "ada"})), "whoami").await.status, 200);
}
