//! Stateless requests over HTTP: headers, bounds, and answers of every shape.

use std::sync::atomic::{AtomicUsize, Ordering};

use mcp_client::{Client, Error};
use serde_json::{Value, json};

use crate::scripted::{Reply, Seen, discovered, http};

/// A stateless server that answers `tools/call` as `script` says.
async fn calling(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Client, crate::scripted::Log) {
    let (url, log) = http(move |seen| if seen.method() == "server/discover" { seen.result(&discovered()) } else { script(seen) }).await;
    (Client::connect(&url).await.expect("a connection"), log)
}

fn said(text: &str) -> Value {
    json!({"resultType": "complete", "content": [{"type": "text", "text": text}]})
}

#[tokio::test]
async fn every_request_says_in_headers_what_its_body_says() {
    let (client, log) = calling(|seen| seen.result(&said("x"))).await;
    client.call_tool("Ünicode", &()).meta("traceparent", "00-1").await.expect("an answer");
    client.close().await;
    let log = log.lock().expect("nobody panics");
    let call = &log[1];
    assert_eq!(call.header("mcp-method"), Some("tools/call"));
    assert_eq!(call.header("mcp-name"), Some("=?base64?w5xuaWNvZGU=?="));
    assert_eq!(call.header("accept"), Some("application/json, text/event-stream"));
    assert_eq!(call.header("mcp-session-id"), None);
    let meta = &call.body["params"]["_meta"];
    assert_eq!(meta["traceparent"], "00-1");
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"].as_str(), call.header("mcp-protocol-version"));
    assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "mcp-parity-client");
    assert!(meta["io.modelcontextprotocol/clientCapabilities"].is_object());
    // There is no session to end.
    assert_eq!(log.len(), 2);
}

#[tokio::test]
async fn requests_that_are_written_by_hand_repeat_what_they_name() {
    let (client, log) = calling(|seen| seen.result(&said("x"))).await;
    for (method, params) in
        [("tools/call", json!({"name": "a"})), ("resources/read", json!({"uri": "a"})), ("tasks/get", json!({"taskId": "a"}))]
    {
        client.request(method, &params).await.expect("an answer");
    }
    client.request("prompts/list", &json!({"name": "a"})).await.expect("an answer");
    let log = log.lock().expect("nobody panics");
    let named: Vec<_> = log[1..].iter().map(|seen| seen.header("mcp-name")).collect();
    assert_eq!(named, [Some("a"), Some("a"), Some("a"), None]);
}

/// Writes down what it sees.
#[derive(Default)]
struct Notes(std::sync::Mutex<Vec<String>>);

impl mcp_client::Observer for Notes {
    fn sent(&self, message: &[u8]) {
        self.0.lock().expect("nobody panics").push(format!("sent {}", method_or_id(message)));
    }

    fn received(&self, message: &[u8]) {
        self.0.lock().expect("nobody panics").push(format!("received {}", method_or_id(message)));
    }

    fn requested(&self, method: &http::Method, path: &str, _headers: &http::HeaderMap) {
        self.0.lock().expect("nobody panics").push(format!("{method} {path}"));
    }

    fn responded(&self, status: http::StatusCode, _headers: &http::HeaderMap) {
        self.0.lock().expect("nobody panics").push(status.to_string());
    }
}

fn method_or_id(message: &[u8]) -> String {
    let message: Value = serde_json::from_slice(message).expect("JSON");
    message["method"].as_str().map_or_else(|| message["id"].to_string(), str::to_owned)
}

#[tokio::test]
async fn an_observer_sees_every_message_and_every_head() {
    let (url, _) = http(|seen| match seen.method() {
        "server/discover" => seen.result(&discovered()),
        "tools/call" => Reply::events([seen.result_event(&said("x"))]),
        _ => Reply::json(404, &json!({"jsonrpc": "2.0", "id": 3, "error": {"code": -32601, "message": "no"}})),
    })
    .await;
    let notes = std::sync::Arc::new(Notes::default());
    let client = Client::builder().observer(notes.clone()).connect(&url).await.expect("a connection");
    client.call_tool("x", &()).await.expect("an answer");
    client.list_prompts().await.expect_err("there are none");
    let notes = notes.0.lock().expect("nobody panics");
    let path = notes[0].as_str();
    let expected = [
        [path, "sent server/discover", "200 OK", "received 1"],
        [path, "sent tools/call", "200 OK", "received 2"],
        [path, "sent prompts/list", "404 Not Found", "received 3"],
    ];
    assert!(path.starts_with("POST /"));
    assert_eq!(*notes, expected.concat());
}

#[tokio::test]
async fn answers_may_be_json_or_a_stream() {
    let (client, _) = calling(|seen| {
        let note = json!({"jsonrpc": "2.0", "method": "notifications/unheard_of"});
        Reply::events([": hello\n\nevent: message\ndata: ".to_owned(), format!("{note}\r\n\r\n"), seen.result_event(&said("streamed"))])
    })
    .await;
    assert_eq!(client.call_tool("x", &()).await.expect("an answer").text(), "streamed");
    // Errors may lack the id that could not be read.
    let (client, _) = calling(|_| Reply::json(400, &json!({"jsonrpc": "2.0", "error": {"code": -32700, "message": "no"}}))).await;
    let error = client.call_tool("x", &()).await.expect_err("it fails");
    assert_eq!(error.server_error().map(|error| error.code), Some(-32700));
}

#[tokio::test]
async fn answers_that_answer_nothing_are_errors() {
    type Script = fn(&Seen) -> Reply;
    let replies: [(Script, &str); 6] = [
        (|_| Reply::empty(202), "the server's answer cannot be read: it is neither JSON nor a stream of events"),
        (
            |_| Reply::json(200, &json!({"jsonrpc": "2.0", "id": 99, "result": {}})),
            "the server's answer cannot be read: it does not answer the request",
        ),
        (|_| Reply::json(200, &json!([])), "the server's answer cannot be read: it does not answer the request"),
        (|_| Reply::events(["data: {}\n\n"]), "the server ended its answer before it was complete"),
        (|_| Reply::events(["id: 1\nretry: 1\ndata:\n\n"]), "the server ended its answer before it was complete"),
        (|_| Reply::empty(500), "the server refused with HTTP status 500"),
    ];
    for (reply, why) in replies {
        let (client, _) = calling(reply).await;
        let error = client.call_tool("x", &()).await.expect_err("it is no answer");
        assert_eq!(error.to_string(), why);
    }
}

#[tokio::test]
async fn answers_are_bounded() {
    let long: fn(&Seen) -> Reply = |seen| seen.result(&said(&"x".repeat(10_000)));
    let event: fn(&Seen) -> Reply = |seen| Reply::events([seen.result_event(&said(&"x".repeat(10_000)))]);
    for reply in [long, event] {
        let (url, _) = http(move |seen| if seen.method() == "server/discover" { seen.result(&discovered()) } else { reply(seen) }).await;
        let client = Client::builder().limits(|limits| limits.message_bytes = 1_000).connect(&url).await.expect("a connection");
        let error = client.call_tool("x", &()).await.expect_err("it is too large");
        assert!(error.to_string().ends_with("larger than 1000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn state_goes_back_as_it_came_and_only_with_the_call_it_came_with() {
    let rounds = AtomicUsize::new(0);
    let (client, log) = calling(move |seen| match rounds.fetch_add(1, Ordering::SeqCst) {
        0 => seen.result(&json!({"resultType": "input_required", "requestState": "a\u{e9}\"b"})),
        1 => seen.result(&json!({"resultType": "input_required", "inputRequests": {}, "requestState": "second"})),
        _ => seen.result(&said("done")),
    })
    .await;
    assert_eq!(client.call_tool("x", &json!({"a": 1})).await.expect("an answer").text(), "done");
    client.call_tool("y", &()).await.expect("an answer");
    let log = log.lock().expect("nobody panics");
    let states: Vec<_> = log[1..].iter().map(|seen| seen.body["params"]["requestState"].clone()).collect();
    assert_eq!(states, [Value::Null, json!("a\u{e9}\"b"), json!("second"), Value::Null]);
    let ids: std::collections::BTreeSet<_> = log.iter().map(|seen| seen.body["id"].as_u64()).collect();
    assert_eq!(ids.len(), log.len());
}

#[tokio::test]
async fn a_server_that_never_has_enough_input_is_left() {
    let (url, log) = http(|seen| {
        let more = json!({"resultType": "input_required", "requestState": "more"});
        seen.result(&if seen.method() == "server/discover" { discovered() } else { more })
    })
    .await;
    let client = Client::builder().limits(|limits| limits.rounds = 3).connect(&url).await.expect("a connection");
    let error = client.call_tool("x", &()).await.expect_err("it never ends");
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    assert_eq!(log.lock().expect("nobody panics").len(), 4);
}

#[tokio::test]
async fn tools_with_invalid_annotations_are_left_out() {
    let (client, _) = calling(|seen| {
        let tool = |name: &str, header: &str| json!({"name": name, "inputSchema": {"type": "object", "properties": {"a": {"type": "string", "x-mcp-header": header}}}});
        seen.result(&json!({"resultType": "complete", "tools": [tool("good", "A"), tool("bad", "a b")], "ttlMs": 0, "cacheScope": "public"}))
    })
    .await;
    let tools = client.list_tools().await.expect("a list");
    assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["good"]);
}

#[tokio::test]
async fn connections_are_used_again() {
    let (url, log) = http(|seen| seen.result(&if seen.method() == "server/discover" { discovered() } else { said("x") })).await;
    let client = Client::connect(&url).await.expect("a connection");
    for _ in 0..10 {
        client.call_tool("x", &()).await.expect("an answer");
    }
    let peers: std::collections::BTreeSet<_> = log.lock().expect("nobody panics").iter().map(|seen| seen.peer).collect();
    assert_eq!(peers.len(), 1, "{peers:?}");
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_named() {
    let error = Client::builder().header("a b", "c").connect("http://127.0.0.1:1/").await.expect_err("no such header");
    assert_eq!(error.to_string(), "the header `a b` cannot be sent");
}
