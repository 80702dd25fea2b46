//! What the server tells while calls run and between them: progress, log messages, changes; and being told to stop.

use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mcp_client::{Change, ClientHandler, Filter, LogMessage};
use mcp_core::LogLevel;
use serde_json::json;

use crate::support::{ERAS, Served, named, speaking};

#[derive(Clone, Default)]
struct Listening(Arc<Mutex<Vec<String>>>);

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
async fn changes_reach_whoever_listens() {
    let gateway = Served::gateway_of("everything", &[]);
    for front in ERAS {
        let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
        let mut changes = client.listen(Filter::lists()).await.expect("the gateway tells of changes");
        let before = client.list_tools().await.expect("a list").len();
        client.call_tool("test_trigger_tool_change", &json!({})).await.expect("the call is answered");
        assert_eq!(changes.next().await.and_then(Result::ok), Some(Change::Tools), "{front:?}");
        assert_ne!(client.list_tools().await.expect("a list").len(), before, "{front:?}");
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
