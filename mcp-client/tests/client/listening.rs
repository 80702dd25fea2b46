//! Hearing of changes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_client::{Change, Client, ClientHandler, Error, Filter};
use serde_json::json;
use tokio::time::timeout;

use crate::server::everywhere;

const TERMS: &str = "about://terms";

#[derive(Default)]
struct Ears(Mutex<Vec<Change>>);

impl ClientHandler for Ears {
    fn changed(&self, change: &Change) {
        self.0.lock().expect("nobody panics").push(change.clone());
    }
}

#[tokio::test]
async fn changes_that_were_asked_for_are_heard() {
    let ears = Arc::new(Ears::default());
    everywhere(
        || Client::builder().shared_handler(Arc::clone(&ears) as _),
        async |client, _| {
            ears.0.lock().expect("nobody panics").clear();
            let mut changes = client.listen(Filter::lists().and_resource(TERMS)).await.expect("the server tells of changes");
            assert!(changes.granted().tools && changes.granted().uris.contains(TERMS));
            client.call_tool("touch", &json!({"uri": TERMS})).await.expect("an answer");
            for expected in [Change::Resource(TERMS.to_owned()), Change::Tools] {
                let change = timeout(Duration::from_secs(5), changes.next()).await.expect("it is heard soon");
                assert_eq!(change.expect("it goes on").expect("no error"), expected);
            }
            assert_eq!(*ears.0.lock().expect("nobody panics"), [Change::Resource(TERMS.to_owned()), Change::Tools]);
        },
    )
    .await;
}

#[tokio::test]
async fn changes_that_were_not_asked_for_are_not() {
    everywhere(Client::builder, async |client, _| {
        let mut tools = client.listen(Filter { tools: true, ..Filter::default() }).await.expect("the server tells of changes");
        let mut terms = client.listen(Filter::resource(TERMS)).await.expect("the server tells of changes");
        client.call_tool("touch", &json!({"uri": TERMS})).await.expect("an answer");
        let heard = timeout(Duration::from_secs(5), tools.next()).await.expect("it is heard soon");
        assert_eq!(heard.expect("it goes on").expect("no error"), Change::Tools);
        let heard = timeout(Duration::from_secs(5), terms.next()).await.expect("it is heard soon");
        assert_eq!(heard.expect("it goes on").expect("no error"), Change::Resource(TERMS.to_owned()));
        for listener in [&mut tools, &mut terms] {
            timeout(Duration::from_millis(50), listener.next()).await.expect_err("there is nothing more to hear");
        }
    })
    .await;
}

#[tokio::test]
async fn listening_ends_when_it_is_dropped_and_with_the_connection() {
    everywhere(Client::builder, async |client, way| {
        drop(client.listen(Filter::resource(TERMS)).await.expect("the server tells of changes"));
        let mut changes = client.listen(Filter::resource(TERMS)).await.expect("the server tells of changes");
        client.clone().close().await;
        let end = timeout(Duration::from_secs(5), changes.next()).await.expect("the end is heard soon");
        assert!(matches!(end, None | Some(Err(Error::Closed(_) | Error::Transport { .. }))), "{way:?}: {end:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_to_hear_is_an_error_where_that_is_known() {
    everywhere(Client::builder, async |client, _| {
        if !client.revision().is_modern() {
            let error = client.listen(Filter::default()).await.expect_err("nothing was asked for");
            assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
        }
    })
    .await;
}
