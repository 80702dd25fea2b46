//! What the configuration asks of callers.

use mcp_client::{Client, Error};
use mcp_parity::auth::ApiKeys;
use serde_json::json;

use crate::support::{MCP, Served, example};

/// A gateway in front of `everything` with rules, and a key for each caller.
fn guarded(directory: &std::path::Path, callers: &[(&str, &str, &str)]) -> Served {
    let mut text = r#"
[gateway]
scope = "mcp:use"
[gateway.tools."test_error_*"]
scope = "errors:see"
[gateway.tools.about]
tier = "admin"
[gateway.tools.greet]
scope = ""
[gateway.prompts."*"]
scope = "prompts:get"
"#
    .to_owned();
    for (key, subject, scopes) in callers {
        let scopes: Vec<&str> = scopes.split_whitespace().collect();
        text.push_str(&format!(
            "[[auth.api_key]]\nhash = \"{}\"\nsubject = \"{subject}\"\nscopes = {}\n",
            ApiKeys::hash(key),
            json!(scopes)
        ));
    }
    let file = directory.join("mcp.toml");
    std::fs::write(&file, text).expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    Served::start(MCP, &["gateway", "--bind", "127.0.0.1:0", "--settings", file, "--", &example("everything")])
}

async fn as_whom(gateway: &Served, key: &str) -> Client {
    Client::builder().bearer(key).connect(&gateway.url).await.expect("the key is taken")
}

fn status(error: &Error) -> Option<u16> {
    match error {
        Error::Refused { status, .. } => Some(*status),
        _ => None,
    }
}

#[tokio::test]
async fn tools_are_refused_by_name_and_pattern() {
    let (directory, all, few) = (tempfile::tempdir().expect("a directory"), ApiKeys::generate("mcpk"), ApiKeys::generate("mcpk"));
    let gateway = guarded(directory.path(), &[(&all, "ann", "mcp:use errors:see prompts:get"), (&few, "bob", "mcp:use")]);
    let (ann, bob) = (as_whom(&gateway, &all).await, as_whom(&gateway, &few).await);
    let nothing = json!({});
    ann.call_tool("test_error_handling", &nothing).await.expect("ann holds the scope");
    ann.get_prompt("test_simple_prompt", &nothing).await.expect("ann holds the scope");
    bob.call_tool("test_simple_text", &nothing).await.expect("bob holds the scope of everything else");
    bob.call_tool("greet", &json!({"name": "bob"})).await.expect("nothing is asked for it");
    let refused = bob.call_tool("test_error_handling", &nothing).await.expect_err("bob lacks the scope");
    assert_eq!(status(&refused), Some(403), "{refused}");
    let data = refused.server_error().and_then(|error| error.data.clone()).expect("the refusal says what is missing");
    assert_eq!(data.parse::<serde_json::Value>().expect("JSON")["required_scopes"], json!(["errors:see"]));
    let refused = bob.get_prompt("test_simple_prompt", &nothing).await.expect_err("bob lacks the scope");
    assert_eq!(status(&refused), Some(403), "{refused}");
    // What is above a caller's tier does not exist for it.
    for client in [&ann, &bob] {
        let unknown = client.call_tool("about", &nothing).await.expect_err("nobody is an admin");
        assert!(unknown.to_string().contains("there is no tool `about`"), "{unknown}");
        assert!(client.list_tools().await.expect("a list").iter().all(|tool| tool.name != "about"));
    }
    let stranger = Client::builder().connect(&gateway.url).await.expect_err("nobody comes in without a key");
    assert_eq!(status(&stranger), Some(401), "{stranger}");
}

#[tokio::test]
async fn a_bridge_shows_the_token_that_it_is_given_and_the_host_hears_of_refusals() {
    let (directory, few) = (tempfile::tempdir().expect("a directory"), ApiKeys::generate("mcpk"));
    let gateway = guarded(directory.path(), &[(&few, "bob", "mcp:use")]);
    let mut command = tokio::process::Command::new(MCP);
    command.args(["bridge", "--bearer-env", "RELAY_TEST_TOKEN", &gateway.url]).env("RELAY_TEST_TOKEN", &few);
    command.stderr(std::process::Stdio::null());
    let host = Client::spawn(command).await.expect("the bridge serves");
    host.call_tool("test_simple_text", &json!({})).await.expect("bob holds the scope");
    let refused = host.call_tool("test_error_handling", &json!({})).await.expect_err("bob lacks the scope");
    assert!(refused.to_string().contains("403"), "{refused}");
    assert!(!refused.to_string().contains(&few), "{refused}");
    host.close().await;
}

#[tokio::test]
async fn a_gateway_does_not_start_open() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    std::fs::write(&file, "").expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    let said = Served::try_start(MCP, &["gateway", "--bind", "127.0.0.1:0", "--settings", file, "--", &example("hello")]);
    let said = said.err().expect("nobody could tell who is calling");
    assert!(said.contains("mcp:use") && said.contains("`mcp gateway --dev`") && said.contains("--settings"), "{said}");
    assert!(!said.contains("http --dev"), "{said}");
    let said = Served::try_start(MCP, &["gateway", "--dev", "--bind", "0.0.0.0:0", "--", &example("hello")]);
    let said = said.err().expect("development is for loopback");
    assert!(said.contains("--dev is only for loopback"), "{said}");
}

#[tokio::test]
async fn a_mistake_in_the_configuration_names_its_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    std::fs::write(&file, "[gateway]\n[gateway.tools.a]\nscop = \"x\"\n").expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    let said = Served::try_start(MCP, &["gateway", "--dev", "--bind", "127.0.0.1:0", "--settings", file, "--", &example("hello")]);
    let said = said.err().expect("the file has a mistake");
    assert!(said.contains("scop") && said.contains('3'), "{said}");
}
