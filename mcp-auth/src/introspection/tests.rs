//! What becomes of an introspection endpoint's answers.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::FetchError;
use crate::fakes::{Issuer, clock};

const NOW: u64 = 1_000;

fn good() -> Value {
    json!({
        "active": true, "sub": "alice", "client_id": "app", "scope": "files:read", "exp": NOW + 60, "token_type": "Bearer",
        "aud": "https://mcp.example.com/mcp", "iss": "https://issuer.example", "amr": ["otp"],
    })
}

/// The good answer with one member replaced, or left out if it is `null`.
fn with(member: &str, value: Value) -> Value {
    let mut answer = good();
    let members = answer.as_object_mut().expect("an object");
    members.remove(member);
    if !value.is_null() {
        members.insert(member.to_owned(), value);
    }
    answer
}

fn asking(issuer: &Arc<Issuer>) -> Introspection {
    let fetcher: Arc<dyn Fetch> = issuer.clone();
    Introspection::new(fetcher, "https://issuer.example/introspect?k=hush".parse().expect("a URL"), ClientAuth::basic("me", "hush"))
        .issuer("https://issuer.example")
        .clock(clock(NOW).1)
}

async fn verify(introspection: &Introspection) -> Result<Principal, AuthError> {
    let resource = Resource::parse("https://mcp.example.com/mcp").expect("a URL");
    introspection.verify(Bearer::parse("to+ken/=").expect("a token"), &resource).await
}

#[tokio::test]
async fn the_question_is_a_form_with_the_servers_credentials() {
    let issuer = Issuer::answers(200, &[], good().to_string());
    let principal = verify(&asking(&issuer).second_factor(["otp"])).await.expect("a caller");
    assert_eq!((principal.subject(), principal.issuer()), (Some("alice"), Some("https://issuer.example")));
    assert!(principal.scopes().contains("files:read") && principal.has_second_factor());

    let asked = issuer.asked.lock().expect("no test panicked");
    let [request] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/introspect"));
    assert_eq!(request.headers()[CONTENT_TYPE], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()[AUTHORIZATION], "Basic bWU6aHVzaA==");
    assert_eq!(request.body().as_ref(), b"token=to%2Bken%2F%3D&token_type_hint=access_token");
}

#[tokio::test]
async fn only_active_tokens_for_this_resource_pass() {
    let missing = Value::Null;
    for (answer, reason) in [
        (good(), None),
        (with("iss", missing.clone()), None),
        (with("exp", missing.clone()), None),
        (with("token_type", missing.clone()), None),
        (json!({"active": false}), Some("the token is not active")),
        (with("active", json!(false)), Some("the token is not active")),
        (with("aud", missing.clone()), Some("the token names no audience")),
        (with("aud", json!("https://mcp.example.com/mcp-other")), Some("the token is meant for another resource")),
        (with("aud", json!([])), Some("the token is meant for another resource")),
        (with("iss", json!("https://issuer.example/")), Some("the token is of another issuer")),
        (with("iss", json!(["https://issuer.example"])), Some("the token is of another issuer")),
        (with("exp", json!(NOW)), Some("the token has expired")),
        (with("nbf", json!(NOW + 61)), Some("the token is not valid yet")),
        (with("token_type", json!("DPoP")), Some("the token is not a bearer access token")),
        (with("cnf", json!({"jkt": "x"})), Some("the token is bound to a key and was sent as a bearer token")),
        (with("sub", missing.clone()), Some("the token names no subject")),
    ] {
        let verdict = verify(&asking(&Issuer::answers(200, &[], answer.to_string()))).await;
        assert_eq!(verdict.err(), reason.map(AuthError::invalid), "{answer}");
    }
}

#[tokio::test]
async fn a_missing_audience_has_to_be_accepted_in_so_many_words() {
    for (answer, passes) in [
        (with("aud", Value::Null), true),
        (good(), true),
        (with("aud", json!("https://other.example")), false),
        (with("aud", json!([])), false),
    ] {
        let introspection = asking(&Issuer::answers(200, &[], answer.to_string())).accept_missing_audience();
        assert_eq!(verify(&introspection).await.is_ok(), passes, "{answer}");
    }
}

#[tokio::test]
async fn an_endpoint_that_says_nothing_of_the_token_is_unavailable() {
    let wait = ("retry-after", "20");
    for (issuer, seconds) in [
        (Issuer::answers(500, &[], ""), 5),
        (Issuer::answers(503, &[wait], ""), 20),
        (Issuer::answers(429, &[("retry-after", "3600")], ""), 60),
        (Issuer::answers(302, &[("location", "https://elsewhere.example")], good().to_string()), 5),
        (Issuer::answers(204, &[], ""), 5),
        (Issuer::answers(401, &[wait], "{\"active\":true}"), 20),
        (Issuer::answers(403, &[], ""), 5),
        (Issuer::answers(200, &[], "<html>"), 5),
        (Issuer::answers(200, &[], "[]"), 5),
        (Issuer::answers(200, &[], "{}"), 5),
        (Issuer::answers(200, &[], with("active", json!("true")).to_string()), 5),
        (Issuer::fails(FetchError::Unreachable("timed out".to_owned())), 5),
        (Issuer::fails(FetchError::TooLarge), 5),
    ] {
        let verdict = verify(&asking(&issuer)).await;
        assert_eq!(verdict, Err(AuthError::Unavailable { retry_after: Duration::from_secs(seconds) }));
    }
}

#[tokio::test]
async fn credentials_that_are_no_header_are_not_sent() {
    let issuer = Issuer::answers(200, &[], good().to_string());
    let mut introspection = asking(&issuer);
    introspection.auth = ClientAuth::bearer("a\nb");
    assert!(matches!(verify(&introspection).await, Err(AuthError::Unavailable { .. })));
    assert!(issuer.asked.lock().expect("no test panicked").is_empty());
}

#[test]
fn nothing_secret_is_shown() {
    let shown = format!("{:?}", asking(&Issuer::answers(200, &[], "")));
    assert!(shown.contains("https://issuer.example/introspect") && !shown.contains("hush"), "{shown}");
}
