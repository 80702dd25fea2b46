//! What the token endpoint and its kin read, and how they answer.

use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person};
use mcp_tests::protected::Answer;
use serde_json::json;

use crate::support::{code, refresh_of, refused, tokens};

const FORM: &str = "application/x-www-form-urlencoded";

#[track_caller]
fn assert_nobody_keeps(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    for (name, value) in [("content-type", "application/json"), ("cache-control", "no-store"), ("pragma", "no-cache")] {
        assert_eq!(answer.header(name), Some(value), "{name} {answer:?}");
    }
}

#[tokio::test]
async fn as_14_nobody_keeps_what_is_answered_about_tokens_and_clients() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::confidential(&site, HOSTED_CALLBACK).await);
    let code = code(&site, &ann, &client.flow(&site, "mcp:read")).await;
    let given = client.exchange(&site, &code).await;
    assert_nobody_keeps(&given, 200);
    let refresh = given.json()["refresh_token"].as_str().expect("a token").to_owned();
    assert_nobody_keeps(&client.refresh(&site, &refresh).await, 200);
    assert_nobody_keeps(&client.exchange(&site, "unknown").await, 400);
    assert_nobody_keeps(&site.post("/token", &[("grant_type", "refresh_token")]).await, 401);
    assert_nobody_keeps(&client.ask(&site, "/introspect", &[("token", "unknown")]).await, 200);
    assert_nobody_keeps(&site.register(&json!({"redirect_uris": [HOSTED_CALLBACK]})).await, 201);
    assert_nobody_keeps(&site.register(&json!({"redirect_uris": []})).await, 400);
    assert_nobody_keeps(&site.send("GET", "/register/c_unknown", &[("Authorization", "Bearer x")], "").await, 401);
}

#[tokio::test]
async fn as_15_only_forms_are_read_and_each_parameter_once() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let given = tokens(&site, &ann, &client, "mcp:read").await;
    let good = format!("grant_type=refresh_token&client_id={}&refresh_token={}", client.id, refresh_of(&given));
    let as_json = json!({"grant_type": "refresh_token", "client_id": client.id, "refresh_token": given.refresh}).to_string();
    let large = format!("{good}&padding={}", "x".repeat(64 * 1_024));
    for (kind, body, status, error) in [
        ("application/json", as_json.as_str(), 400, "invalid_request"),
        ("text/plain", good.as_str(), 400, "invalid_request"),
        ("multipart/form-data; boundary=x", good.as_str(), 400, "invalid_request"),
        ("application/x-www-form-urlencoded-not", good.as_str(), 400, "invalid_request"),
        (FORM, "", 400, "invalid_request"),
        (FORM, &format!("{good}&grant_type=refresh_token"), 400, "invalid_request"),
        (FORM, &format!("{good}&refresh_token=other"), 400, "invalid_request"),
        (FORM, &format!("{good}&scope=mcp:read&scope=mcp:read"), 400, "invalid_request"),
        (FORM, &format!("{good}&unknown=1&unknown=2"), 400, "invalid_request"),
    ] {
        let answer = site.send("POST", "/token", &[("Content-Type", kind)], body).await;
        refused(&answer, status, error);
    }
    let answer = site.send("POST", "/token", &[("Content-Type", FORM)], &large).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    let answer = site.send("POST", &format!("/token?{good}"), &[("Content-Type", FORM)], "").await;
    refused(&answer, 400, "invalid_request");
    assert_eq!(site.send("GET", &format!("/token?{good}"), &[], "").await.status, 405);
    for (kind, body) in [
        ("application/x-www-form-urlencoded; charset=UTF-8", good.clone()),
        ("APPLICATION/X-WWW-FORM-URLENCODED", format!("{good}&unknown=1&audience=x")),
    ] {
        let answer = site.send("POST", "/token", &[("Content-Type", kind)], &body).await;
        assert_eq!(answer.status, 200, "{kind} {answer:?}");
    }
}
