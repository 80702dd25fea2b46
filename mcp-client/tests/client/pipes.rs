//! Servers at the other end of a pipe that do what they should not, or ask on their own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mcp_client::{Client, ClientHandler, Elicitation, Elicited, Era, Error, Offers};
use serde_json::{Value, json};

use crate::scripted::{discovered, initialized, pipe, result};
use crate::server::until;

/// Takes long to answer, and notices when it is not let finish.
#[derive(Default)]
struct Slow {
    given_up: Arc<Mutex<u32>>,
}

struct GivenUp(Arc<Mutex<u32>>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        *self.0.lock().expect("nobody panics") += 1;
    }
}

#[async_trait]
impl ClientHandler for Slow {
    fn offers(&self) -> Offers {
        Offers::NONE.forms()
    }

    async fn elicit(&self, elicitation: Elicitation) -> Elicited<Value> {
        let guard = GivenUp(Arc::clone(&self.given_up));
        let pause = if elicitation.message() == "for ever" { 3_600_000 } else { 400 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        std::mem::forget(guard);
        Elicited::Accepted(json!({}))
    }
}

fn question(id: u64, message: &str) -> String {
    let params = json!({"message": message, "requestedSchema": {"type": "object", "properties": {}}});
    json!({"jsonrpc": "2.0", "id": id, "method": "elicitation/create", "params": params}).to_string()
}

/// A server with sessions, that handles everything after their opening as `script` says.
fn session(mut script: impl FnMut(&Value) -> Vec<String> + Send + 'static) -> (tokio::io::DuplexStream, tokio::io::DuplexStream) {
    pipe(move |message| match message["method"].as_str() {
        Some("initialize") => vec![result(message, &initialized("2025-11-25"))],
        Some("notifications/initialized") => Vec::new(),
        _ => script(message),
    })
}

#[tokio::test]
async fn what_the_server_asks_is_answered_under_its_own_id() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let (reader, writer) = session(move |message| {
        log.lock().expect("nobody panics").push(message.clone());
        if message["method"] == "tools/list" {
            let ask = |id: &str, method: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}"#);
            return vec![
                ask("\"a-1\"", "ping"),
                ask("7", "roots/list"),
                ask("8", "no/such/method"),
                result(message, &json!({"tools": []})),
            ];
        }
        Vec::new()
    });
    let client = Client::builder().era(Era::Legacy).over(reader, writer).await.expect("a connection");
    client.list_tools().await.expect("a list");
    until("the questions are answered", || seen.lock().expect("nobody panics").len() == 4).await;
    let mut answers = seen.lock().expect("nobody panics").split_off(1);
    answers.sort_by_key(|answer| answer["id"].to_string().replace('"', "~"));
    assert_eq!(answers[0]["error"]["code"], -32601);
    assert_eq!(answers[1]["error"]["code"], -32601);
    assert_eq!(answers[2], json!({"jsonrpc": "2.0", "id": "a-1", "result": {}}));
}

#[tokio::test]
async fn time_that_the_user_takes_is_not_the_servers() {
    let call = Arc::new(Mutex::new(Value::Null));
    let (reader, writer) = session(move |message| {
        if message["method"] == "tools/call" {
            *call.lock().expect("nobody panics") = message.clone();
            return vec![question(1, "slowly")];
        }
        vec![result(&call.lock().expect("nobody panics"), &json!({"content": []}))]
    });
    let builder =
        Client::builder().era(Era::Legacy).handler(Slow::default()).timeouts(|timeouts| timeouts.silence = Duration::from_millis(150));
    let client = builder.over(reader, writer).await.expect("a connection");
    client.call_tool("x", &()).await.expect("an answer");
}

#[tokio::test]
async fn a_question_that_the_server_takes_back_is_not_put_any_longer() {
    let handler = Slow::default();
    let given_up = Arc::clone(&handler.given_up);
    let (reader, writer) = session(move |message| match message["method"].as_str() {
        Some("tools/call") => vec![question(5, "for ever")],
        Some("ping") => vec![
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}).to_string(),
            result(message, &json!({})),
        ],
        _ => Vec::new(),
    });
    let client = Client::builder().era(Era::Legacy).handler(handler).over(reader, writer).await.expect("a connection");
    let asking = client.clone();
    let call = tokio::spawn(async move { asking.call_tool("x", &()).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.ping().await.expect("an answer");
    until("the question is given up", || *given_up.lock().expect("nobody panics") == 1).await;
    call.abort();
}

#[tokio::test]
async fn a_stateless_server_is_not_answered() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let (reader, writer) = pipe(move |message| {
        log.lock().expect("nobody panics").push(message["method"].clone());
        match message["method"].as_str() {
            Some("server/discover") => vec![question(1, "slowly"), result(message, &discovered())],
            _ => vec![result(message, &json!({"resultType": "complete", "tools": []}))],
        }
    });
    let client = Client::builder().handler(Slow::default()).over(reader, writer).await.expect("a connection");
    client.list_tools().await.expect("a list");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(*seen.lock().expect("nobody panics"), ["server/discover", "tools/list"]);
}

#[tokio::test]
async fn a_message_that_is_too_long_fails_the_call_that_it_answers_and_no_other() {
    // The first call is answered last, after a long answer to the second, long noise, and a long notification.
    let mut waiting = None;
    let (reader, writer) = session(move |message| match message["method"].as_str() {
        Some("tools/call") => {
            waiting = Some(message.clone());
            Vec::new()
        }
        Some("tools/list") => {
            let padding = "x".repeat(10_000);
            let first = waiting.take().expect("it was asked before");
            vec![
                result(message, &json!({"padding": padding, "tools": []})),
                padding.clone(),
                json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": padding}}).to_string(),
                result(&first, &json!({"content": []})),
            ]
        }
        _ => vec![result(message, &json!({}))],
    });
    let builder = Client::builder().era(Era::Legacy).limits(|limits| limits.message_bytes = 1_000);
    let client = builder.over(reader, writer).await.expect("a connection");
    let other = client.clone();
    let (long, short) = tokio::join!(biased; client.call_tool("x", &()).into_future(), async { other.list_tools().await });
    long.expect("its answer is short");
    let error = short.expect_err("it is too long");
    assert!(matches!(error, Error::Malformed(_)), "{error:?}");
    client.ping().await.expect("the connection is still of use");
}

#[tokio::test]
async fn a_request_that_is_too_large_is_not_sent() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let (reader, writer) = session(move |message| {
        log.lock().expect("nobody panics").push(message["method"].clone());
        vec![result(message, &json!({"content": []}))]
    });
    let builder = Client::builder().era(Era::Legacy).limits(|limits| limits.request_bytes = 1_000);
    let client = builder.over(reader, writer).await.expect("a connection");
    let error = client.call_tool("x", &json!({"padding": "x".repeat(1_000)})).await.expect_err("it is too large");
    assert!(matches!(error, Error::TooLarge { limit: 1_000, bytes: 1_001.. }), "{error:?}");
    client.call_tool("x", &json!({"padding": "x".repeat(800)})).await.expect("it fits");
    assert_eq!(seen.lock().expect("nobody panics").len(), 1);
}

#[tokio::test]
async fn a_page_that_leads_back_is_an_error() {
    let (reader, writer) = session(|message| vec![result(message, &json!({"tools": [], "nextCursor": "again"}))]);
    let client = Client::builder().era(Era::Legacy).over(reader, writer).await.expect("a connection");
    let error = client.list_tools().await.expect_err("it never ends");
    assert!(matches!(error, Error::Malformed(_)), "{error:?}");
}

#[tokio::test]
async fn noise_is_skipped() {
    let (reader, writer) = session(|message| {
        let noise = ["listening on stdio…", "{}", "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}", "[1,2", "\u{0}"].map(str::to_owned);
        noise.into_iter().chain([result(message, &json!({"tools": []}))]).collect()
    });
    let client = Client::builder().era(Era::Legacy).over(reader, writer).await.expect("a connection");
    client.list_tools().await.expect("a list");
}
