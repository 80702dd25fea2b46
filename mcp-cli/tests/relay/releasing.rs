//! A call behind a relay lets go of its caller's connection as it would without one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_client::{Client, Era, Forwarded};

use crate::support::{ERAS, Served, bridged, named, speaking};

/// Calls the tool that lets go of its connection, and returns its answer and what was heard before.
async fn called(client: &Client) -> (String, Vec<Duration>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let call = client.forward("tools/call", "name", "test_reconnection");
    let call = call.on_release(move |retry| hearing.lock().expect("nobody panicked").push(retry));
    let Ok(Forwarded::Result(result)) = call.send().await else { panic!("the call has no result") };
    let heard = heard.lock().expect("nobody panicked").clone();
    (result.get().to_owned(), heard)
}

async fn check(what: &str, client: &Client) {
    let (answer, heard) = called(client).await;
    assert!(answer.contains("you came back for this"), "{what}: {answer}");
    assert_eq!(heard, [Duration::from_millis(500)], "{what}");
}

#[tokio::test]
async fn a_connection_is_let_go_of_through_gateway_and_bridge() {
    let server = Served::example("everything");
    for behind in ERAS {
        let behind = named(behind);
        let gateways = [
            ("a command", Served::gateway_of("everything", &["--era", behind])),
            ("a URL", Served::gateway(&["--era", behind, &server.url])),
        ];
        for (upstream, gateway) in gateways {
            // Over HTTP a client of this revision sees its response end; over pipes it is told, and so where responses cannot end early.
            for front in ERAS {
                let client = speaking(front).connect(&gateway.url).await.expect("the gateway serves");
                check(&format!("{front:?} in front of {upstream}, {behind}"), &client).await;
            }
            for front in ERAS {
                let bridge = bridged(speaking(front).hears_releases(), &gateway.url, &["--era", "legacy"]).await;
                check(&format!("{front:?} before a bridge in front of {upstream}, {behind}"), &bridge).await;
                bridge.close().await;
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_want_to_hear_of_it_does_not() {
    let gateway = Served::gateway_of("everything", &[]);
    let bridge = bridged(speaking(Era::Legacy), &gateway.url, &[]).await;
    let (answer, heard) = called(&bridge).await;
    assert!(answer.contains("you came back for this"), "{answer}");
    assert!(heard.is_empty(), "{heard:?}");
    bridge.close().await;
}
