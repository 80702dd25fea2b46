//! Calls whose answer is not wanted any more.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mcp_client::{Client, Error};
use serde_json::json;

use crate::server::{ONE_AT_A_TIME, WAITING, everywhere, until};

async fn all_stopped() {
    until("no call waits", || WAITING.load(Ordering::SeqCst) == 0).await;
}

async fn one_waits() {
    until("a call waits", || WAITING.load(Ordering::SeqCst) == 1).await;
}

#[tokio::test]
async fn a_call_that_is_dropped_stops_at_the_server() {
    let _alone = ONE_AT_A_TIME.lock().await;
    for aloud in [false, true] {
        everywhere(Client::builder, async |client, _| {
            let arguments = json!({"aloud": aloud});
            let call = client.call_tool("wait", &arguments).on_progress(|_| ());
            tokio::select! {
                answer = call => panic!("{answer:?}"),
                () = one_waits() => {}
            }
            all_stopped().await;
            client.call_tool("add", &json!({"a": 1, "b": 1})).await.expect("the connection is still of use");
        })
        .await;
    }
}

#[tokio::test]
async fn a_call_that_is_cancelled_stops_at_the_server() {
    let _alone = ONE_AT_A_TIME.lock().await;
    everywhere(Client::builder, async |client, _| {
        let error = client.call_tool("wait", &()).cancelled_by(one_waits()).await.expect_err("it was cancelled");
        assert!(matches!(error, Error::Cancelled), "{error:?}");
        all_stopped().await;
    })
    .await;
}

#[tokio::test]
async fn a_call_of_which_nothing_is_heard_times_out_and_stops() {
    let _alone = ONE_AT_A_TIME.lock().await;
    everywhere(Client::builder, async |client, _| {
        let patience = Duration::from_millis(150);
        let error = client.call_tool("wait", &()).timeout(patience).await.expect_err("it never ends");
        assert!(matches!(error, Error::Timeout(waited) if waited == patience), "{error:?}");
        all_stopped().await;
    })
    .await;
}

#[tokio::test]
async fn progress_extends_the_patience_but_not_for_ever() {
    let _alone = ONE_AT_A_TIME.lock().await;
    everywhere(Client::builder, async |client, _| {
        let arguments = json!({"aloud": true});
        let call = client.call_tool("wait", &arguments).on_progress(|_| ());
        let total = Duration::from_millis(300);
        let error = call.timeout(Duration::from_millis(150)).at_most(total).await.expect_err("it never ends");
        assert!(matches!(error, Error::Timeout(waited) if waited == total), "{error:?}");
        all_stopped().await;
    })
    .await;
}

#[tokio::test]
async fn a_task_whose_result_is_not_wanted_is_cancelled() {
    let _alone = ONE_AT_A_TIME.lock().await;
    everywhere(Client::builder, async |client, _| {
        if !client.revision().is_modern() {
            return;
        }
        tokio::select! {
            answer = client.call_tool("wait_in_task", &()) => panic!("{answer:?}"),
            () = one_waits() => {}
        }
        all_stopped().await;
    })
    .await;
}

#[tokio::test]
async fn a_closed_client_says_so() {
    everywhere(Client::builder, async |client, way| {
        client.clone().close().await;
        let error = client.list_tools().await.expect_err("it is closed");
        eprintln!("{way:?}: {error}");
        assert!(matches!(error, Error::Closed(_)), "{way:?}: {error:?}");
    })
    .await;
}
