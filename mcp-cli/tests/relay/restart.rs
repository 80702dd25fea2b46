//! The server behind a relay is killed and started again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mcp_client::{Client, Error};
use serde_json::json;

use crate::support::{ERAS, Served, bridged, example, named, speaking};

/// How many calls are under way at once.
const AT_ONCE: usize = 8;

struct Load {
    done: AtomicUsize,
    failed: AtomicUsize,
    over: AtomicBool,
}

async fn calls(client: Client, load: Arc<Load>) {
    while !load.over.load(Ordering::Acquire) {
        match client.call_tool("add", &json!({"a": 2, "b": 3})).await {
            Ok(sum) => {
                assert_eq!(sum.text(), "5");
                load.done.fetch_add(1, Ordering::AcqRel);
            }
            Err(Error::Protocol(error)) => {
                assert!(error.message.contains("the connection to the upstream server broke"), "{error}");
                load.failed.fetch_add(1, Ordering::AcqRel);
            }
            Err(other) => panic!("the host hears of more than calls that failed: {other:?}"),
        }
    }
}

/// Waits until so many more calls are done.
async fn more(load: &Load, count: usize) {
    let before = load.done.load(Ordering::Acquire);
    let reached = async {
        while load.done.load(Ordering::Acquire) < before + count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reached).await.expect("calls go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_sees_no_more_of_a_restart_than_the_calls_under_way() {
    for behind in ERAS {
        let server = Served::example("hello");
        let (url, address) = (server.url.clone(), server.address().to_owned());
        let client = bridged(speaking(mcp_client::Era::Auto), &url, &["--era", named(behind)]).await;
        let load = Arc::new(Load { done: AtomicUsize::new(0), failed: AtomicUsize::new(0), over: AtomicBool::new(false) });
        let workers: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(calls(client.clone(), Arc::clone(&load)))).collect();
        let mut server = Some(server);
        for restart in 1..=3 {
            more(&load, 50).await;
            drop(server.take());
            tokio::time::sleep(Duration::from_millis(100)).await;
            server = Some(Served::start(&example("hello"), &["http", "--dev", "--bind", &address]));
            more(&load, 50).await;
            let failed = load.failed.load(Ordering::Acquire);
            assert!(failed <= restart * AT_ONCE, "{behind:?}: {failed} calls failed, and {AT_ONCE} were under way");
        }
        load.over.store(true, Ordering::Release);
        for worker in workers {
            worker.await.expect("no call failed in another way");
        }
        client.close().await;
    }
}

#[tokio::test]
async fn a_command_that_ends_is_started_again() {
    // Its input ends after some lines, among which it is asked what it is, for its tools, and what it will tell.
    let script = format!(r#"for n in 1 2 3 4 5; do read -r line; printf '%s\n' "$line"; done | '{}'"#, example("hello"));
    let gateway = Served::gateway(&["--era", "modern", "--", "sh", "-c", &script]);
    let client = speaking(mcp_client::Era::Modern).connect(&gateway.url).await.expect("the gateway serves");
    let (mut done, mut failed) = (0, 0);
    for _ in 0..6 {
        match client.call_tool("add", &json!({"a": 2, "b": 3})).await {
            Ok(_) => done += 1,
            Err(_) => failed += 1,
        }
    }
    assert!(done >= 2, "{done} calls were answered, and {failed} were not");
}
