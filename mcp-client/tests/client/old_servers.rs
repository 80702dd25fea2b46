//! Servers that do not know the newest revision, and say so in their own ways.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp_client::{Client, Era, Error, Revision};
use serde_json::{Value, json};

use crate::scripted::{self, Reply, Seen, discovered, error, http, initialized, pipe, result};

const OLD: &str = "2025-06-18";

/// A server with sessions over HTTP, that answers anything else with `refusal`.
async fn old_over_http(refusal: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> String {
    let script = move |seen: &Seen| match seen.method() {
        "initialize" => seen.result(&initialized(OLD)),
        "notifications/initialized" => Reply::empty(202),
        "tools/list" => seen.result(&json!({"tools": []})),
        _ => refusal(seen),
    };
    http(script).await.0
}

#[tokio::test]
async fn over_http_they_are_known_by_how_they_refuse() {
    let refusals: [fn(&Seen) -> Reply; 7] = [
        |_| Reply::empty(400),
        |_| Reply::empty(404),
        |_| Reply::empty(405),
        |_| {
            Reply::json(
                400,
                &json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "Bad Request: Server not initialized"}}),
            )
        },
        |seen| seen.error(200, -32601, &Value::Null),
        |seen| seen.error(400, -32022, &json!({"supported": ["2025-06-18"]})),
        |seen| seen.result(&json!({})),
    ];
    for (number, refusal) in refusals.into_iter().enumerate() {
        let client = Client::connect(&old_over_http(refusal).await).await.unwrap_or_else(|error| panic!("refusal {number}: {error}"));
        assert_eq!(client.revision(), Revision::V2025_06_18, "refusal {number}");
        assert!(client.list_tools().await.expect("a list").is_empty());
    }
}

#[tokio::test]
async fn a_server_that_asks_who_calls_is_not_asked_differently() {
    let (url, log) = http(|_| Reply::empty(401).with("www-authenticate", "Bearer resource_metadata=\"x\"")).await;
    let error = Client::connect(&url).await.expect_err("it refuses");
    let Error::Refused { status: 401, challenge: Some(challenge), .. } = error else { panic!("{error:?}") };
    assert_eq!(challenge, "Bearer resource_metadata=\"x\"");
    assert_eq!(log.lock().expect("nobody panics").len(), 1);
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_and_no_old_server() {
    let (url, log) = http(|_| Reply::empty(503)).await;
    let error = Client::connect(&url).await.expect_err("it is down");
    assert!(matches!(error, Error::Refused { status: 503, .. }), "{error:?}");
    assert_eq!(log.lock().expect("nobody panics").len(), 1);
    let error = Client::connect("http://127.0.0.1:1/mcp").await.expect_err("nobody listens there");
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn over_a_pipe_any_error_and_silence_mean_an_old_server() {
    for refusal in ["-32601", "-32602", "-32000", "silence", "noise"] {
        let script = move |message: &Value| match (message["method"].as_str(), refusal) {
            (Some("initialize"), _) => vec!["".to_owned(), "starting up!".to_owned(), result(message, &initialized(OLD))],
            (Some("tools/list"), _) => vec![result(message, &json!({"tools": []}))],
            (Some("server/discover"), "noise") => {
                vec!["{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"what?\"}}".to_owned()]
            }
            (Some("server/discover"), code) => code.parse().map(|code| error(message, code, &Value::Null)).into_iter().collect(),
            _ => Vec::new(),
        };
        let (reader, writer) = pipe(script);
        let builder = Client::builder().timeouts(|timeouts| timeouts.probe = Duration::from_millis(100));
        let client = builder.over(reader, writer).await.unwrap_or_else(|error| panic!("{refusal}: {error}"));
        assert_eq!(client.revision(), Revision::V2025_06_18, "{refusal}");
        assert!(client.list_tools().await.expect("a list").is_empty());
    }
}

#[tokio::test]
async fn a_stateless_server_is_not_asked_for_a_session() {
    for data in [json!({"supported": ["2030-01-01"], "requested": "2026-07-28"}), json!({})] {
        let (reader, writer) = pipe(move |message| {
            assert_eq!(message["method"], "server/discover");
            vec![error(message, -32022, &data)]
        });
        let error = Client::over(reader, writer).await.expect_err("there is nothing in common");
        assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_version_refused_though_supported_is_asked_for_once_more() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let script = move |seen: &Seen| {
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return seen.error(400, -32022, &json!({"supported": ["2026-07-28"], "requested": "2026-07-28"}));
        }
        seen.result(&discovered())
    };
    let (url, log) = http(script).await;
    let client = Client::connect(&url).await.expect("a connection");
    assert_eq!(client.revision(), Revision::V2026_07_28);
    assert_eq!(log.lock().expect("nobody panics").len(), 2);
}

#[tokio::test]
async fn a_call_that_ends_with_a_code_of_another_revision_is_not_sent_again() {
    for code in [-32020, -32022] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let (reader, writer) = pipe(move |message| match message["method"].as_str() {
            Some("initialize") => vec![result(message, &initialized(OLD))],
            Some("tools/list") => vec![result(message, &json!({"tools": []}))],
            Some("tools/call") => {
                counted.fetch_add(1, Ordering::SeqCst);
                vec![error(message, code, &json!({"supported": ["2026-07-28"]}))]
            }
            _ => Vec::new(),
        });
        let client = Client::builder().era(Era::Legacy).over(reader, writer).await.expect("a connection");
        let refused = client.call_tool("x", &()).await.expect_err("it failed");
        assert!(matches!(&refused, Error::Protocol(refused) if refused.code == i64::from(code)), "{refused:?}");
        assert_eq!(calls.load(Ordering::SeqCst), 1, "{code}");
    }
}

#[tokio::test]
async fn a_revision_that_was_not_asked_for_is_refused() {
    for version in ["2024-11-05", "2030-01-01", "2026-07-28"] {
        let (reader, writer) = pipe(move |message| vec![result(message, &initialized(version))]);
        let builder = Client::builder().era(Era::Exactly(Revision::V2025_11_25));
        let error = builder.over(reader, writer).await.expect_err("it is another one");
        assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    }
}

#[tokio::test]
async fn batches_are_read() {
    let (reader, writer) = pipe(|message| match message["method"].as_str() {
        Some("initialize") => vec![result(message, &initialized("2025-03-26"))],
        Some("ping") => {
            vec![format!("[{},{}]", json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}), result(message, &json!({})))]
        }
        _ => Vec::new(),
    });
    let client = Client::builder().era(Era::Legacy).over(reader, writer).await.expect("a connection");
    client.ping().await.expect("an answer");
}

#[tokio::test]
async fn messages_of_the_old_transport_go_to_the_same_server_only() {
    for (endpoint, fits) in [("/messages?s=1", true), ("http://evil.example/messages", false)] {
        let script = move |seen: &scripted::Seen| match seen.verb.as_str() {
            "GET" => Reply::events([format!("event: endpoint\ndata: {endpoint}\n\n")]).staying_open(),
            _ => Reply::empty(if seen.path == "/messages?s=1" { 202 } else { 405 }),
        };
        let (url, log) = http(script).await;
        let builder =
            Client::builder().era(Era::Legacy).bearer("secret").timeouts(|timeouts| timeouts.silence = Duration::from_millis(200));
        let error = builder.connect(&url).await.expect_err("it never answers");
        // The first refusal says more than that of a transport nobody has any more.
        let expected = if fits { matches!(error, Error::Timeout(_)) } else { matches!(error, Error::Refused { status: 405, .. }) };
        assert!(expected, "{endpoint}: {error:?}");
        let log = log.lock().expect("nobody panics");
        assert!(log.iter().all(|seen| seen.header("authorization") == Some("Bearer secret")));
        assert_eq!(log.iter().any(|seen| seen.path == "/messages?s=1" && seen.method() == "initialize"), fits);
    }
}
