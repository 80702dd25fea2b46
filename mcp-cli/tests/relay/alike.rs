//! A server behind a relay answers as it does by itself.

use mcp_client::{Client, Error};
use serde_json::{Value, json};

use crate::support::{ERAS, Served, bridged, example, named, speaking};

/// Requests that have the same answer every time.
fn requests() -> Vec<(&'static str, Value)> {
    let call = |name: &str, arguments: Value| ("tools/call", json!({"name": name, "arguments": arguments}));
    vec![
        call("test_simple_text", json!({})),
        call("test_image_content", json!({})),
        call("test_audio_content", json!({})),
        call("test_embedded_resource", json!({})),
        call("test_multiple_content_types", json!({})),
        call("test_error_handling", json!({})),
        call("test_tool_with_progress", json!({})),
        call("json_schema_2020_12_tool", json!({"name": "x", "contactMethod": "email", "email": "x@example.com"})),
        call("json_schema_2020_12_tool", json!({"name": 7})),
        call("greet", json!({"name": "wörld \u{1F980} \"\\"})),
        call("greet", json!({})),
        call("greet", json!({"name": "x", "more": 1})),
        call("nope", json!({})),
        ("resources/read", json!({"uri": "test://static-text"})),
        ("resources/read", json!({"uri": "test://static-binary"})),
        ("resources/read", json!({"uri": "test://template/7/data"})),
        ("resources/read", json!({"uri": "test://nothing"})),
        ("prompts/get", json!({"name": "test_simple_prompt"})),
        ("prompts/get", json!({"name": "test_prompt_with_arguments", "arguments": {"arg1": "a", "arg2": "b"}})),
        ("prompts/get", json!({"name": "test_prompt_with_arguments", "arguments": {"arg1": "a"}})),
        ("prompts/get", json!({"name": "nope"})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}, "argument": {"name": "arg1", "value": "p"}}),
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/resource", "uri": "test://template/{id}/data"}, "argument": {"name": "id", "value": "12"},
                "context": {"arguments": {"other": "x"}}}),
        ),
        ("completion/complete", json!({"ref": {"type": "ref/prompt", "name": "nope"}, "argument": {"name": "arg1", "value": "p"}})),
    ]
}

pub(crate) async fn answer(client: &Client, method: &str, params: &Value) -> String {
    match client.request(method, params).await {
        Ok(result) => result.to_string(),
        Err(Error::Protocol(error)) => format!("{} {} {:?}", error.code, error.message, error.data.as_ref().map(ToString::to_string)),
        Err(other) => format!("{other:?}"),
    }
}

async fn lists(client: &Client) -> Vec<String> {
    let mut lists = Vec::new();
    for (method, key) in [
        ("tools/list", "tools"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
        ("prompts/list", "prompts"),
    ] {
        let entries = client.entries(method, key).await.expect("there is a list");
        lists.extend(entries.iter().map(|entry| entry.get().to_owned()));
    }
    lists
}

/// Sessions have no error for what a client cannot be asked, so this is the same only where both sides have one or neither has.
fn of_one_era() -> (&'static str, Value) {
    ("tools/call", json!({"name": "test_missing_capability", "arguments": {}}))
}

/// Requests that only servers of this era have.
fn of_the_newest() -> Vec<(&'static str, Value)> {
    vec![
        ("skills/list", json!({})),
        ("skills/get", json!({"uri": "skill://pdf-processing/SKILL.md"})),
        ("skills/get", json!({"uri": "skill://pdf-processing/references/FORMS.md"})),
        ("resources/directory/read", json!({"uri": "skill://pdf-processing"})),
        ("resources/directory/read", json!({"uri": "skill://pdf-processing/references"})),
        ("resources/directory/read", json!({"uri": "skill://nothing"})),
        ("resources/read", json!({"uri": "skill://pdf-processing/SKILL.md"})),
    ]
}

/// `asks` says whether the relay asks anything of its callers.
async fn check(what: &str, plain: &Client, relayed: &Client, one_era: bool, asks: bool) {
    assert_eq!(lists(relayed).await, lists(plain).await, "{what}");
    for (method, params) in requests().into_iter().chain(one_era.then(of_one_era)) {
        assert_eq!(answer(relayed, method, &params).await, answer(plain, method, &params).await, "{what}: {method} {params}");
    }
    let (ours, theirs) = (relayed.server(), plain.server());
    if one_era && theirs.revision.is_modern() {
        for (method, params) in of_the_newest() {
            let mut expected = answer(plain, method, &params).await;
            if asks && method != "skills/list" {
                // What it tells one caller is not for all.
                expected = expected.replace(r#""cacheScope":"public""#, r#""cacheScope":"private""#);
            }
            assert_eq!(answer(relayed, method, &params).await, expected, "{what}: {method} {params}");
        }
        assert_eq!(ours.capabilities["extensions"], theirs.capabilities["extensions"], "{what}");
    }
    assert_eq!((&ours.info, &ours.instructions), (&theirs.info, &theirs.instructions), "{what}");
}

#[tokio::test]
async fn a_gateway_answers_as_the_server_behind_it() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        for front in ERAS {
            let plain = speaking(front).spawn(tokio::process::Command::new(example("everything"))).await.expect("the example serves");
            let relayed = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
            check(&format!("{front:?} in front of {behind:?}"), &plain, &relayed, front == behind, true).await;
        }
    }
}

#[tokio::test]
async fn a_bridge_answers_as_the_server_behind_it() {
    let server = Served::example("everything");
    for behind in ERAS {
        for front in ERAS {
            let plain = speaking(front).connect(&server.url).await.expect("the example serves");
            let relayed = bridged(speaking(front), &server.url, &["--era", named(behind)]).await;
            check(&format!("{front:?} in front of {behind:?}"), &plain, &relayed, front == behind, false).await;
            relayed.close().await;
        }
    }
}
