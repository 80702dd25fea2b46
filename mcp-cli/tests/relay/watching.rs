//! A resource is watched at the server for as long as somebody watches it at the relay.

use mcp_client::{Client, Filter};
use mcp_core::LiveRegistry;
use mcp_parity::{Context, Registry, Resource, Server, ToolError};

use crate::support::{ERAS, Served, in_process, named, speaking, until};

fn two_notes() -> Server {
    let mut registry = Registry::new();
    for uri in ["note://1", "note://2"] {
        let read = |_cx: Context, _values: Vec<(String, String)>| async { Ok::<_, ToolError>("a note") };
        registry.add_resource(Resource::new(uri, uri, read).expect("no template")).expect("there is no other");
    }
    Server::new(registry)
}

async fn watched(live: &LiveRegistry, what: &str, expected: &[&str]) {
    until(&format!("{what}: {expected:?} are watched, not {:?}", live.watched()), || live.watched().iter().eq(expected)).await;
}

async fn listening(client: &Client, uri: &str) -> mcp_client::Changes {
    client.listen(Filter::resource(uri)).await.expect("the gateway tells of changes")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_one_to_leave_ends_the_watching() {
    for behind in ERAS {
        let (url, live) = in_process(two_notes()).await;
        let gateway = Served::gateway(&["--era", named(behind), &url]);
        for front in ERAS {
            let what = format!("{front:?} in front of {behind:?}");
            let (ann, bob) = (speaking(front), speaking(front));
            let (ann, bob) =
                (ann.connect(&gateway.url).await.expect("the gateway serves"), bob.connect(&gateway.url).await.expect("it serves"));
            watched(&live, &what, &[]).await;
            let (first, second) = (listening(&ann, "note://1").await, listening(&bob, "note://1").await);
            let other = listening(&bob, "note://2").await;
            watched(&live, &what, &["note://1", "note://2"]).await;
            drop((first, other));
            watched(&live, &what, &["note://1"]).await;
            // One that leaves without a word watches nothing any more.
            drop(second);
            bob.close().await;
            watched(&live, &what, &[]).await;
            let again = listening(&ann, "note://2").await;
            watched(&live, &what, &["note://2"]).await;
            drop(ann);
            drop(again);
            watched(&live, &what, &[]).await;
        }
    }
}
