//! What the server tells while calls run and between them: progress, log messages, changes; and being told to stop.

use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mcp_client::{Change, ClientHandler, Era, Filter, LogMessage};
use mcp_core::{Limits, LogLevel};
use mcp_parity::{Context, NoArguments, Prompt, Registry, Resource, Server, Tool, ToolError};
use serde_json::json;

use crate::support::{ERAS, Served, in_process, named, speaking};

/// Keeps the log messages that it hears.
#[derive(Clone, Default)]
pub(crate) struct Listening(pub(crate) Arc<Mutex<Vec<String>>>);

#[async_trait]
impl ClientHandler for Listening {
    fn log(&self, message: LogMessage) {
        self.0.lock().expect("nobody panicked").push(message.data.to_string());
    }
}

#[tokio::test]
async fn progress_and_log_messages_reach_the_caller() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        for front in ERAS {
            let heard = Listening::default();
            let client = speaking(front).handler(heard.clone()).log_level(LogLevel::Info);
            let client = client.connect(&gateway.url).await.expect("the gateway serves");
            let steps = Arc::new(Mutex::new(Vec::new()));
            let counted = Arc::clone(&steps);
            let call = client.call_tool("test_tool_with_progress", &json!({}));
            call.on_progress(move |step| counted.lock().expect("nobody panicked").push(step.progress)).await.expect("the call is answered");
            assert_eq!(*steps.lock().expect("nobody panicked"), [0.0, 50.0, 100.0], "{front:?} {behind:?}");
            client.call_tool("test_tool_with_logging", &json!({})).await.expect("the call is answered");
            assert_eq!(heard.0.lock().expect("nobody panicked").len(), 3, "{front:?} {behind:?}");
        }
    }
}

#[tokio::test]
async fn the_level_of_log_messages_may_change_in_a_session() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        let heard = Listening::default();
        let client = speaking(Era::Legacy).handler(heard.clone()).connect(&gateway.url).await.expect("the gateway serves");
        for (level, messages) in [(None, 0), (Some("error"), 0), (Some("info"), 3), (Some("emergency"), 3), (Some("debug"), 6)] {
            if let Some(level) = level {
                client.request("logging/setLevel", &json!({"level": level})).await.expect("the gateway takes it");
            }
            client.call_tool("test_tool_with_logging", &json!({})).await.expect("the call is answered");
            assert_eq!(heard.0.lock().expect("nobody panicked").len(), messages, "{level:?} {behind:?}");
        }
        let refused = client.request("logging/setLevel", &json!({"level": "loud"})).await;
        assert!(refused.is_err(), "{refused:?}");
    }
}

#[tokio::test]
async fn changes_reach_whoever_listens() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        for front in ERAS {
            let what = format!("{front:?} {behind:?}");
            let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
            let mut changes = client.listen(Filter::lists()).await.expect("the gateway tells of changes");
            let before = client.list_tools().await.expect("a list").len();
            client.call_tool("test_trigger_tool_change", &json!({})).await.expect("the call is answered");
            // Where each caller has a process, the one that the lists are read from does not change.
            if behind == Era::Modern {
                assert_eq!(changes.next().await.and_then(Result::ok), Some(Change::Tools), "{what}");
                assert_ne!(client.list_tools().await.expect("a list").len(), before, "{what}");
                client.call_tool("test_trigger_prompt_change", &json!({})).await.expect("the call is answered");
                assert_eq!(changes.next().await.and_then(Result::ok), Some(Change::Prompts), "{what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_every_list_reach_whoever_listens_to_a_server_at_a_url() {
    for behind in ERAS {
        let (url, live) = in_process(Server::new(many(1))).await;
        let gateway = Served::gateway(&["--era", named(behind), &url]);
        for front in ERAS {
            let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
            let mut changes = client.listen(Filter::lists()).await.expect("the gateway tells of changes");
            let change: [(&str, Change); 3] =
                [("tool-0000", Change::Tools), ("note://0000", Change::Resources), ("prompt-0000", Change::Prompts)];
            for (name, expected) in change {
                live.disable(name).expect("it is there");
                assert_eq!(changes.next().await.and_then(Result::ok), Some(expected.clone()), "{front:?} {behind:?}");
                live.enable(name).expect("it is there");
                assert_eq!(changes.next().await.and_then(Result::ok), Some(expected), "{front:?} {behind:?}");
            }
        }
    }
}

/// So many tools, resources and prompts.
fn many(count: usize) -> Registry {
    let mut registry = Registry::new();
    for number in 0..count {
        let tool = Tool::new(format!("tool-{number:04}"), |_cx, _: NoArguments| async { Ok::<_, ToolError>("") });
        registry.add_tool(tool).expect("there is no other");
        let read = |_cx: Context, _values: Vec<(String, String)>| async { Ok::<_, ToolError>("a note") };
        let resource = Resource::new(format!("note://{number:04}"), "note", read).expect("no template");
        registry.add_resource(resource).expect("there is no other");
        let prompt = Prompt::new(format!("prompt-{number:04}"), Vec::new(), |_cx, _arguments| async { Ok::<_, ToolError>("Hello.") });
        registry.add_prompt(prompt).expect("there is no other");
    }
    registry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_many_pages_are_whole() {
    const COUNT: usize = 3_000;
    let limits = Limits { page_size: 70, ..Limits::default() };
    let (url, _) = in_process(Server::new(many(COUNT)).configure(|builder| builder.limits(limits))).await;
    for behind in ERAS {
        let gateway = Served::gateway(&["--era", named(behind), &url]);
        let client = speaking(Era::Auto).connect(&gateway.url).await.expect("the gateway serves");
        let (tools, prompts) = (client.list_tools().await.expect("a list"), client.list_prompts().await.expect("a list"));
        let resources = client.list_resources().await.expect("a list");
        let expected = |prefix: &str| (0..COUNT).map(|number| format!("{prefix}{number:04}")).collect::<Vec<_>>();
        assert_eq!(tools.into_iter().map(|tool| tool.name).collect::<Vec<_>>(), expected("tool-"), "{behind:?}");
        assert_eq!(resources.into_iter().map(|resource| resource.uri).collect::<Vec<_>>(), expected("note://"), "{behind:?}");
        assert_eq!(prompts.into_iter().map(|prompt| prompt.name).collect::<Vec<_>>(), expected("prompt-"), "{behind:?}");
    }
}

#[tokio::test]
async fn a_watched_resource_is_told_of() {
    let gateway = Served::gateway_of("everything", &[]);
    for front in ERAS {
        let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
        let mut changes = client.listen(Filter::resource("test://watched-resource")).await.expect("the gateway tells of changes");
        // The gateway takes a moment to watch it itself.
        let told = async {
            loop {
                client.call_tool("test_change_watched_resource", &json!({})).await.expect("the call is answered");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            change = changes.next() => assert!(matches!(change, Some(Ok(Change::Resource(_)))), "{front:?}"),
            () = told => {}
        }
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_is_given_up_at_the_server_and_others_go_on() {
    for behind in ERAS {
        let gateway = Served::gateway_of("everything", &["--era", named(behind)]);
        let client = speaking(mcp_client::Era::Modern).connect(&gateway.url).await.expect("the gateway serves");
        let call = client.call_tool("slow_compute", &json!({"seconds": 30}));
        let given_up = tokio::time::timeout(std::time::Duration::from_millis(200), call.into_future()).await;
        assert!(given_up.is_err(), "{behind:?}");
        let answer = client.call_tool("test_simple_text", &json!({})).await.expect("the call is answered");
        assert!(!answer.text().is_empty());
    }
}
