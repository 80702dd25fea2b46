//! Rules for a resource hold however its URI is found and spelled.

use std::sync::Arc;

use mcp_client::{Client, Era, Filter};
use mcp_core::{Access, Answer, Unlisted};
use mcp_parity::{Context, Registry, Resource, Server, ToolError};
use serde_json::json;

use crate::support::{ERAS, MCP, Served, in_process, named, speaking};

/// A server that reads out whatever it is asked for: two of its resources are listed, many are of its templates, and the others are in no list.
fn generous() -> Server {
    let mut registry = Registry::new();
    for uri in ["file:///listed.txt", "file:///folder", "file:///{+path}", "user://{name}"] {
        let read = |_cx: Context, _values: Vec<(String, String)>| async { Ok::<_, ToolError>("read") };
        registry.add_resource(Resource::new(uri, uri, read).expect("a URI or a template")).expect("there is no other");
    }
    let read = |cx: Context| -> mcp_core::BoxFuture<'static, Answer> {
        let contents = json!({"contents": [{"uri": cx.target(), "text": "read"}]}).to_string();
        Box::pin(async move { Answer::mirrored(Box::<str>::from(serde_json::value::RawValue::from_string(contents).expect("valid JSON"))) })
    };
    registry.set_unlisted(Unlisted::new(|_, _| Some(Access::default()), Arc::new(read)));
    Server::new(registry)
}

/// Whoever calls is no service.
const RULES: &str = r#"
[gateway]
scope = ""
[gateway.resources."*"]
[gateway.resources."file:///secret.txt"]
tier = "service"
[gateway.resources."file:///folder/*"]
tier = "service"
[gateway.resources."user://{name}"]
tier = "service"
[gateway.resources."note://team/payroll"]
tier = "service"
"#;

/// What is asked for, and whether it may be read, and watched.
const ASKED: &[(&str, bool, bool)] = &[
    ("file:///listed.txt", true, true),
    ("file:///other.txt", true, true),
    ("note://team/agenda", true, false),
    ("file:///o%74her.txt", true, true),
    ("file:///secret.txt", false, false),
    ("file:///%73ecret.txt", false, false),
    ("file:///./secret.txt", false, false),
    ("file:///secret.txt/", false, false),
    ("file:///secret.txt?", false, false),
    ("file:///secret.txt?x=1", false, false),
    ("file:///secret.txt#", false, false),
    ("file://localhost/secret.txt", false, false),
    ("file:/secret.txt", false, false),
    ("file://host/secret.txt", false, false),
    ("file:///folder", false, false),
    ("file:///folder/", false, false),
    ("file:///folder/a.txt", false, false),
    ("note://team/payroll", false, false),
    ("NOTE://Team/payroll", false, false),
    ("note:///team/payroll", false, false),
    ("note:/team/payroll", false, false),
    ("note://team:1/payroll", false, false),
    ("note://team/payroll/?x", false, false),
    ("note://./team/payroll", false, false),
    ("note://%2E/team/payroll", false, false),
    ("note://open?/../team/payroll", false, false),
    ("user://ann", false, false),
    ("user://ann?x", false, false),
    ("user://ann/", false, false),
    ("user://ann%40team", false, false),
    ("user://ann,bob", false, false),
    ("user://@ann", false, false),
    ("user://ann@team", false, false),
];

async fn may_watch(client: &Client, uri: &str) -> bool {
    client.listen(Filter::resource(uri)).await.is_ok_and(|changes| changes.granted().uris.contains(uri))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_holds_for_a_resource_however_it_is_found_and_spelled() {
    let (url, _) = in_process(generous()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    std::fs::write(&file, RULES).expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    for behind in ERAS {
        let arguments = ["gateway", "--dev", "--bind", "127.0.0.1:0", "--settings", file, "--era", named(behind), &url];
        let gateway = Served::start(MCP, &arguments);
        for front in ERAS {
            let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
            for (uri, reads, watches) in ASKED {
                let what = format!("{front:?} in front of {behind:?}: {uri}");
                let answer = client.request("resources/read", &json!({"uri": uri})).await;
                assert_eq!(answer.is_ok(), *reads, "{what}: {answer:?}");
                assert_eq!(may_watch(&client, uri).await, *watches, "{what}");
            }
            let listed = client.list_resources().await.expect("a list");
            assert_eq!(listed.iter().map(|resource| &*resource.uri).collect::<Vec<_>>(), ["file:///listed.txt"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_fits_nothing_is_refused() {
    let (url, _) = in_process(generous()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    std::fs::write(&file, "[gateway]\n[gateway.resources.\"file:///my secrets/*\"]\ntier = \"admin\"\n").expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    let said = Served::try_start(MCP, &["gateway", "--dev", "--bind", "127.0.0.1:0", "--settings", file, &url]);
    let said = said.err().expect("a space is no part of a URI");
    assert!(said.contains("`file:///my secrets/*` fits no URI") && said.contains("%20"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_rule_restricts_is_for_no_shared_cache() {
    let (url, _) = in_process(public()).await;
    for (rules, expected) in [("[gateway]\nscope = \"\"\n", "public"), ("[gateway]\nscope = \"notes:read\"\n", "private")] {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("mcp.toml");
        std::fs::write(&file, rules).expect("a file can be written");
        let file = file.to_str().expect("a plain name");
        let gateway = Served::start(MCP, &["gateway", "--dev", "--bind", "127.0.0.1:0", "--settings", file, &url]);
        let client = speaking(Era::Modern).connect(&gateway.url).await.expect("the gateway serves");
        let note = client.request("resources/read", &json!({"uri": "note://1"})).await.expect("the note is read");
        assert_eq!(note["cacheScope"], expected, "{note}");
    }
}

/// A server that knows nothing of what is asked in front of it.
fn public() -> Server {
    let mut registry = Registry::new();
    let read = |cx: Context| -> mcp_core::BoxFuture<'static, Answer> {
        let contents = json!({"contents": [{"uri": cx.target(), "text": "read"}], "ttlMs": 5_000, "cacheScope": "public"}).to_string();
        Box::pin(async move { Answer::mirrored(Box::<str>::from(serde_json::value::RawValue::from_string(contents).expect("valid JSON"))) })
    };
    registry.set_unlisted(Unlisted::new(|_, _| Some(Access::default()), Arc::new(read)));
    Server::new(registry)
}
