//! Sessions over HTTP: their id, their loss, their end, and streams that break.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mcp_client::{Change, Client, Era, Error, Filter, StaticToken};
use serde_json::json;

use crate::scripted::{Reply, Seen, http, initialized};

fn legacy() -> mcp_client::Builder {
    Client::builder().era(Era::Legacy)
}

/// Answers what every session begins with.
fn open(seen: &Seen, session: &str) -> Option<Reply> {
    match seen.method() {
        "initialize" => Some(seen.result(&initialized("2025-11-25")).with("mcp-session-id", session)),
        "notifications/initialized" => Some(Reply::empty(202)),
        "DELETE" => Some(Reply::empty(204)),
        _ => None,
    }
}

#[tokio::test]
async fn every_request_names_its_session_and_its_revision() {
    let (url, log) = http(|seen| open(seen, "s-1").unwrap_or_else(|| seen.result(&json!({"tools": []})))).await;
    let client = legacy().header("x-tenant", "a").connect(&url).await.expect("a connection");
    client.list_tools().await.expect("a list");
    client.close().await;
    let log = log.lock().expect("nobody panics");
    let methods: Vec<_> = log.iter().map(|seen| seen.method()).collect();
    assert_eq!(methods, ["initialize", "notifications/initialized", "tools/list", "DELETE"]);
    for (number, seen) in log.iter().enumerate() {
        let named = (seen.header("mcp-session-id"), seen.header("mcp-protocol-version"));
        assert_eq!(named, if number == 0 { (None, None) } else { (Some("s-1"), Some("2025-11-25")) });
        assert_eq!(seen.header("x-tenant"), Some("a"));
        assert_eq!(seen.header("mcp-method"), None);
    }
}

#[tokio::test]
async fn a_lost_session_is_opened_anew_without_the_caller_noticing() {
    let sessions = AtomicUsize::new(0);
    let script = move |seen: &Seen| {
        if seen.method() == "initialize" {
            sessions.fetch_add(1, Ordering::SeqCst);
        }
        let count = sessions.load(Ordering::SeqCst);
        let known = seen.header("mcp-session-id") == Some("s-2");
        open(seen, &format!("s-{count}")).unwrap_or_else(|| if known { seen.result(&json!({"tools": []})) } else { Reply::empty(404) })
    };
    let (url, log) = http(script).await;
    let client = legacy().connect(&url).await.expect("a connection");
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.list_tools().await })
        })
        .collect();
    for call in calls {
        call.await.expect("no panic").expect("a list");
    }
    let log = log.lock().expect("nobody panics");
    assert_eq!(log.iter().filter(|seen| seen.method() == "initialize").count(), 2);
}

#[tokio::test]
async fn a_session_lost_again_and_again_is_an_error() {
    let (url, _) = http(|seen| open(seen, "s").unwrap_or_else(|| Reply::empty(404))).await;
    let client = legacy().connect(&url).await.expect("a connection");
    let error = client.list_tools().await.expect_err("no session is kept");
    assert!(matches!(error, Error::SessionLost), "{error:?}");
}

#[tokio::test]
async fn a_stream_that_ends_early_is_resumed_when_the_server_says() {
    for breaking in [false, true] {
        let script = move |seen: &Seen| {
            if let Some(reply) = open(seen, "s") {
                return reply;
            }
            if seen.verb == "GET" {
                let result = json!({"jsonrpc": "2.0", "id": 2, "result": {"tools": []}});
                return Reply::events([format!("id: 2\ndata: {result}\n\n")]);
            }
            let reply = Reply::events(["id: 1\nretry: 300\ndata:\n\n"]);
            if breaking { reply.breaking() } else { reply }
        };
        let (url, log) = http(script).await;
        let client = legacy().connect(&url).await.expect("a connection");
        let started = Instant::now();
        client.list_tools().await.expect("a list");
        assert!(started.elapsed() >= Duration::from_millis(300), "it came back too early: {:?}", started.elapsed());
        let log = log.lock().expect("nobody panics");
        let resumed = log.iter().find(|seen| seen.verb == "GET").expect("it came back");
        assert_eq!((resumed.header("last-event-id"), resumed.header("mcp-session-id")), (Some("1"), Some("s")));
    }
}

#[tokio::test]
async fn a_stream_that_is_continued_without_a_word_is_silence() {
    let script = |seen: &Seen| open(seen, "s").unwrap_or_else(|| Reply::events(["id: 1\nretry: 0\ndata:\n\n"]));
    for with_credentials in [false, true] {
        let (url, log) = http(script).await;
        let mut builder = legacy().timeouts(|timeouts| timeouts.silence = Duration::from_millis(700));
        if with_credentials {
            builder = builder.credentials(StaticToken::shared("t").expect("a header can hold it"));
        }
        let client = builder.connect(&url).await.expect("a connection");
        let error = client.list_tools().await.expect_err("nothing is said");
        assert!(matches!(error, Error::Timeout(_)), "{error:?}");
        let asked = log.lock().expect("nobody panics").iter().filter(|seen| seen.verb == "GET").count();
        assert!((1..=10).contains(&asked), "it came back {asked} times");
    }
}

#[tokio::test]
async fn a_stream_that_cannot_be_resumed_is_an_error() {
    for (events, refusal) in [("id: 1\nretry: 10\ndata:\n\n", 404), ("data:\n\n", 500)] {
        let script = move |seen: &Seen| {
            let other = || if seen.verb == "GET" { Reply::empty(refusal) } else { Reply::events([events]) };
            open(seen, "s").unwrap_or_else(other)
        };
        let (url, _) = http(script).await;
        let client = legacy().connect(&url).await.expect("a connection");
        let error = client.list_tools().await.expect_err("the answer never came");
        assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn listeners_hear_on_after_a_break_and_in_the_next_session() {
    let gets = AtomicUsize::new(0);
    let script = move |seen: &Seen| {
        if seen.method() == "initialize" {
            let mut result = initialized("2025-11-25");
            result["capabilities"] = json!({"tools": {"listChanged": true}});
            return seen.result(&result).with("mcp-session-id", "s");
        }
        if let Some(reply) = open(seen, "s") {
            return reply;
        }
        let change = json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"});
        match gets.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::events([format!("id: 7\nretry: 10\ndata: {change}\n\n")]).breaking(),
            _ => Reply::events([format!("data: {change}\n\n")]).staying_open(),
        }
    };
    let (url, log) = http(script).await;
    let client = legacy().connect(&url).await.expect("a connection");
    let mut changes = client.listen(Filter::lists()).await.expect("the server tells of changes");
    assert!(changes.granted().tools && !changes.granted().prompts);
    for _ in 0..2 {
        assert_eq!(changes.next().await.expect("it goes on").expect("no error"), Change::Tools);
    }
    let log = log.lock().expect("nobody panics");
    let resumed = log.iter().filter(|seen| seen.verb == "GET").nth(1).expect("it came back");
    assert_eq!(resumed.header("last-event-id"), Some("7"));
}

#[tokio::test]
async fn a_server_without_a_stream_of_changes_says_so() {
    let script = |seen: &Seen| {
        let mut result = initialized("2025-11-25");
        result["capabilities"] = json!({"tools": {"listChanged": true}});
        if seen.method() == "initialize" { seen.result(&result) } else { open(seen, "s").unwrap_or_else(|| Reply::empty(405)) }
    };
    let (url, _) = http(script).await;
    let client = legacy().connect(&url).await.expect("a connection");
    let error = client.listen(Filter::lists()).await.expect_err("there is no stream");
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
}
