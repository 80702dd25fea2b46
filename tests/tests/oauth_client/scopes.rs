//! What the client asks to be allowed.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fake::Fake;
use super::{call, connect, person};

fn challenge(origin: &str, rest: &str) -> Option<String> {
    Some(format!("Bearer resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp\"{rest}"))
}

#[tokio::test]
async fn cl_08_scopes_are_those_of_the_challenge_else_of_the_metadata_else_none() {
    for (challenged, listed, expected) in [
        (", scope=\"a b\"", json!(["c"]), Some("a b")),
        ("", json!(["c", "d"]), Some("c d")),
        (", scope=\"\"", json!(["c"]), Some("c")),
        ("", json!([]), None),
        ("", Value::Null, None),
    ] {
        let fake = Fake::with(|script| {
            script.challenge = challenge(script.origin(), challenged);
            script.resource = json!({"scopes_supported": listed});
        });
        let fake = fake.await;
        connect(&fake, person()).await.expect("it signs in");
        assert_eq!(fake.parameters("/authorize", "scope"), [expected.map(str::to_owned)], "{challenged} {listed}");
    }
}

#[tokio::test]
async fn cl_09_more_is_asked_for_with_what_was_there_and_not_endlessly() {
    let fake = Fake::with(|script| {
        script.challenge = challenge(script.origin(), ", scope=\"read\"");
        script.needs = Some("write".to_owned());
    });
    let fake = fake.await;
    let oauth = Arc::new(person().build());
    assert_eq!(call(&fake, &oauth).await.expect("it steps up"), "done");
    assert_eq!(fake.parameters("/authorize", "scope"), [Some("read".to_owned()), Some("read write".to_owned())]);
    assert_eq!(call(&fake, &oauth).await.expect("it has both"), "done");
    assert_eq!(fake.at("/authorize").len(), 2, "what was given is kept");

    // A server that is never content, because it wants what its authorization server does not give.
    fake.script().needs = Some("write more".to_owned());
    let why = call(&fake, &oauth).await.expect_err("it gives up").to_string();
    assert!(why.contains("403"), "{why}");
    assert!(fake.at("/authorize").len() <= 2 + 3, "{}", fake.at("/authorize").len());
    let before = fake.at("/authorize").len();
    call(&fake, &oauth).await.expect_err("it gives up at once");
    assert_eq!(fake.at("/authorize").len(), before, "nobody is asked the same thing again");
}

#[tokio::test]
async fn cl_09_a_server_that_refuses_every_token_is_not_asked_endlessly() {
    let fake = Fake::start().await;
    fake.script().put("/mcp", mcp_testkit::Document::new("text/plain", "").status(401).header("WWW-Authenticate", "Bearer"));
    connect(&fake, person()).await.expect_err("it gives up");
    assert_eq!(fake.at("/authorize").len(), 1);
    assert_eq!(fake.at("/mcp").len(), 2);
}

#[tokio::test]
async fn cl_12_offline_access_is_asked_for_only_where_it_is_offered() {
    for (offered, challenged, expected) in [
        (json!(["a", "offline_access"]), ", scope=\"a\"", Some("a offline_access")),
        (json!(["a"]), ", scope=\"a\"", Some("a")),
        (json!(["a"]), ", scope=\"a offline_access\"", Some("a")),
        (Value::Null, ", scope=\"a\"", Some("a")),
        (json!(["offline_access"]), "", None),
    ] {
        let fake = Fake::with(|script| {
            script.challenge = challenge(script.origin(), challenged);
            script.metadata = json!({"scopes_supported": offered});
        });
        let fake = fake.await;
        connect(&fake, person()).await.expect("it signs in");
        assert_eq!(fake.parameters("/authorize", "scope"), [expected.map(str::to_owned)], "{offered} {challenged}");
    }
}
