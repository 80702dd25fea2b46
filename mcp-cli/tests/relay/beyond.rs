//! What servers have that is in none of their lists, and what they say of themselves.

use std::sync::Arc;

use mcp_client::{Era, Error};
use mcp_core::{Access, Answer, Icon, ServerInfo, Theme, Unlisted};
use mcp_parity::{NoArguments, Registry, Server, Tool, ToolError};
use serde_json::json;

use crate::support::{ERAS, MCP, Served, in_process, named, speaking};

/// A server that reads out notes which it does not list, and says all there is to say of itself.
fn unlisted() -> Server {
    let mut registry = Registry::new();
    let tool = Tool::new("link", |_cx, _: NoArguments| async { Ok::<_, ToolError>("note://1") });
    registry.add_tool(tool).expect("there is no other tool");
    let read = |cx: mcp_core::Context| -> mcp_core::BoxFuture<'static, Answer> {
        let contents = json!({"contents": [{"uri": cx.target(), "text": "a note"}]}).to_string();
        Box::pin(async move { Answer::mirrored(Box::<str>::from(serde_json::value::RawValue::from_string(contents).expect("valid JSON"))) })
    };
    registry.set_unlisted(Unlisted::new(|uri, _| uri.starts_with("note://").then(Access::default), Arc::new(read)));
    let icon =
        Icon { mime_type: Some("image/png"), sizes: &["48x48"], theme: Some(Theme::Dark), ..Icon::new("data:image/png;base64,AA==") };
    let info = ServerInfo {
        title: Some("Notes".to_owned()),
        description: Some("Keeps notes.".to_owned()),
        website_url: Some("https://example.com/notes".to_owned()),
        icons: vec![icon, Icon::new("https://example.com/icon.svg")],
        ..ServerInfo::new("notes", "1.2.3")
    };
    Server::new(registry).info(info)
}

fn text(error: &Error) -> String {
    error.server_error().map(|error| error.message.clone()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_known_by_the_same_name_pictures_and_pages() {
    let (url, _) = in_process(unlisted()).await;
    for behind in ERAS {
        let gateway = Served::gateway(&["--era", named(behind), &url]);
        for front in ERAS {
            let plain = speaking(front).connect(&url).await.expect("the server serves");
            let relayed = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
            let known = plain.server().info.clone().expect("it says who it is");
            assert_eq!(known.icons.len(), 2);
            assert_eq!(relayed.server().info.as_ref(), Some(&known), "{front:?} in front of {behind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_no_list_is_read_all_the_same() {
    let (url, _) = in_process(unlisted()).await;
    for behind in ERAS {
        let gateway = Served::gateway(&["--era", named(behind), &url]);
        for front in ERAS {
            let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
            let note = client.request("resources/read", &json!({"uri": "note://1"})).await.expect("the note is read");
            assert_eq!(note["contents"][0]["text"], "a note", "{front:?} in front of {behind:?}");
            let unknown = client.request("resources/read", &json!({"uri": "other://1"})).await.expect_err("there is no such note");
            assert!(text(&unknown).contains("there is no resource `other://1`"), "{unknown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_some_resources_have_rules_others_are_not_read_unless_they_are_listed() {
    let (url, _) = in_process(unlisted()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mcp.toml");
    std::fs::write(
        &file,
        "[gateway]\nscope = \"\"\n[gateway.resources.\"note://1*\"]\n[gateway.resources.\"note://13\"]\ntier = \"service\"\n",
    )
    .expect("a file can be written");
    let file = file.to_str().expect("a plain name");
    let gateway = Served::start(MCP, &["gateway", "--dev", "--bind", "127.0.0.1:0", "--settings", file, &url]);
    let client = speaking(Era::Auto).connect(&gateway.url).await.expect("the gateway serves");
    for (uri, read) in [("note://1", true), ("note://12", true), ("note://2", false)] {
        let answer = client.request("resources/read", &json!({"uri": uri})).await;
        assert_eq!(answer.is_ok(), read, "{uri}: {answer:?}");
    }
}
