//! One caller does not keep out the others.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp_core::{Limits, Revision};
use mcp_parity::{Context, NoArguments, Registry, Server, Tool, ToolError};
use mcp_testkit::http::Request;
use mcp_tests::client::{ByName, call, post, serve_to, until};

/// How many calls may run at once.
const MOST: usize = 8;

/// A server whose tool takes longer than the test, and how many calls of it run.
fn slow() -> (Server, Arc<AtomicUsize>) {
    let running = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&running);
    let mut registry = Registry::new();
    let tool = Tool::new("wait", move |cx: Context, _: NoArguments| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            cx.sleep(Duration::from_secs(300)).await;
            Ok::<_, ToolError>("done")
        }
    });
    registry.add_tool(tool).expect("there is no other tool");
    let limits = Limits { max_in_flight: MOST, ..Limits::default() };
    (Server::new(registry).configure(move |builder| builder.limits(limits)), running)
}

fn request(address: SocketAddr, who: &str, id: u32) -> Request {
    let mut request = post(address, Revision::LATEST, None, &call(Revision::LATEST, id, "wait", "{}"));
    request.headers.push(("Authorization".to_owned(), format!("Bearer {who}")));
    request
}

/// Begins as many calls as a caller may have, and says how many those are.
async fn take_all(address: SocketAddr, who: &'static str, running: &AtomicUsize) -> usize {
    for taken in 0.. {
        let before = running.load(Ordering::SeqCst);
        let sending = tokio::spawn(async move { request(address, who, 1).send().await.expect("the server listens").head.status });
        until("the call runs or is refused", || running.load(Ordering::SeqCst) > before || sending.is_finished()).await;
        if running.load(Ordering::SeqCst) == before {
            assert_eq!(sending.await.expect("it does not panic"), 429, "{who}");
            return taken;
        }
    }
    unreachable!("there is no end of numbers")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_leaves_a_quarter_of_all_calls_to_the_others() {
    let (server, running) = slow();
    let address = serve_to(ByName, server).await;
    assert_eq!(take_all(address, "ann", &running).await, MOST - MOST / 4);
    assert_eq!(take_all(address, "bob", &running).await, MOST / 4);
    assert_eq!(take_all(address, "eve", &running).await, 0);
}
