//! Calls that go on after they were answered.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mcp_client::{Client, ClientHandler, Elicitation, Elicited, Offers};
use serde_json::{Value, json};

use crate::server::{ONE_AT_A_TIME, WAITING, everywhere, until};

struct Ada;

#[async_trait::async_trait]
impl ClientHandler for Ada {
    fn offers(&self) -> Offers {
        Offers::NONE.forms()
    }

    async fn elicit(&self, _: Elicitation) -> Elicited<Value> {
        Elicited::Accepted(json!({"name": "Ada", "age": 36}))
    }
}

#[tokio::test]
async fn a_task_is_waited_for_as_any_call() {
    everywhere(
        || Client::builder().handler(Ada),
        async |client, _| {
            assert_eq!(client.call_tool("work", &()).await.expect("an answer").text(), "worked");
            let answer = client.call_tool("ask_in_task", &()).await;
            if client.revision().is_modern() {
                assert_eq!(answer.expect("an answer").text(), "Ada");
            } else {
                answer.expect_err("tasks are not of this revision");
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_client_without_tasks_gets_none() {
    everywhere(
        || Client::builder().without_tasks(),
        async |client, _| {
            assert_eq!(client.call_tool("work", &()).await.expect("an answer").text(), "worked");
        },
    )
    .await;
}

#[tokio::test]
async fn patience_with_a_task_ends() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let hasty = || Client::builder().timeouts(|timeouts| timeouts.task = Duration::from_millis(200));
    everywhere(hasty, async |client, _| {
        if client.revision().is_modern() {
            let error = client.call_tool("wait_in_task", &()).await.expect_err("it never ends");
            assert!(matches!(error, mcp_client::Error::Timeout(_)), "{error:?}");
            until("no call waits", || WAITING.load(Ordering::SeqCst) == 0).await;
        }
    })
    .await;
}
