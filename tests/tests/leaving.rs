//! Clients that leave while a call runs, and clients that say they do not want it any more.
//!
//! Where requests are stateless, leaving is how a client cancels; where there are sessions, a connection
//! may break and the call goes on (2025-11-25, basic/transports, "Sending Messages to the Server").

use std::time::Duration;

use mcp_core::Revision;
use mcp_testkit::http::{Events, Request};
use mcp_tests::client::{Listening, PATIENCE, Stream, call, cancelled, initialize, open_session, post, until};

const SESSIONS: [Revision; 3] = [Revision::V2025_03_26, Revision::V2025_06_18, Revision::V2025_11_25];

/// Begins a call that says it has begun, and reads that.
async fn begin(listening: &Listening, revision: Revision, session: Option<&str>, ms: u32) -> Stream {
    let message = call(revision, 1, "waits", &format!(r#"{{"ms":{ms}}}"#));
    let response = post(listening.address, revision, session, &message).send().await.expect("the server listens");
    let mut stream = Stream::of(response);
    let progress = stream.next().await.expect("the call says that it has begun");
    assert!(progress.contains("notifications/progress"), "{progress}");
    stream
}

#[tokio::test]
async fn leaving_a_stream_cancels_where_requests_are_stateless() {
    let listening = Listening::start().await;
    let stream = begin(&listening, Revision::LATEST, None, 600_000).await;
    drop(stream);
    until("the call is dropped", || listening.witness.dropped() == 1).await;
}

#[tokio::test]
async fn leaving_before_any_stream_cancels_where_requests_are_stateless() {
    let listening = Listening::start().await;
    let mut request = post(listening.address, Revision::LATEST, None, &call(Revision::LATEST, 1, "waits", r#"{"ms":600000}"#));
    // A client that takes JSON only sees nothing until the answer.
    request.headers.retain(|(name, _)| name != "Accept");
    request.headers.push(("Accept".to_owned(), "application/json".to_owned()));
    let waiting = tokio::spawn(async move { request.send().await });
    until("the call has begun", || listening.witness.started() == 1).await;
    waiting.abort();
    until("the call is dropped", || listening.witness.dropped() == 1).await;
}

#[tokio::test]
async fn leaving_does_not_cancel_where_there_are_sessions() {
    for revision in SESSIONS {
        let listening = Listening::start().await;
        let session = open_session(listening.address, revision).await;
        let stream = begin(&listening, revision, session.as_deref(), 300).await;
        drop(stream);
        until("the call finishes", || listening.witness.finished() == 1).await;
        assert_eq!(listening.witness.dropped(), 0, "{revision}");
    }
}

#[tokio::test]
async fn leaving_before_any_stream_does_not_cancel_where_there_are_sessions() {
    for revision in SESSIONS {
        let listening = Listening::start().await;
        let session = open_session(listening.address, revision).await;
        let mut request = post(listening.address, revision, session.as_deref(), &call(revision, 1, "waits", r#"{"ms":300}"#));
        request.headers.retain(|(name, _)| name != "Accept");
        request.headers.push(("Accept".to_owned(), "application/json".to_owned()));
        let waiting = tokio::spawn(async move { request.send().await });
        until("the call has begun", || listening.witness.started() == 1).await;
        waiting.abort();
        until("the call finishes", || listening.witness.finished() == 1).await;
        assert_eq!(listening.witness.dropped(), 0, "{revision}");
    }
}

#[tokio::test]
async fn who_comes_back_gets_the_rest_of_the_stream() {
    let revision = Revision::V2025_11_25;
    let listening = Listening::start().await;
    let session = open_session(listening.address, revision).await.expect("the revision has sessions");
    let stream = begin(&listening, revision, Some(&session), 200).await;
    let last = stream.last_id.clone().expect("events have ids");
    drop(stream);
    let headers = [
        ("Accept", "text/event-stream"),
        ("Mcp-Session-Id", &session),
        ("Last-Event-ID", &last),
        ("MCP-Protocol-Version", revision.as_str()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let again = Request { address: listening.address, method: "GET", path: "/mcp".to_owned(), headers, body: bytes::Bytes::new() };
    let mut stream = Stream::of(again.send().await.expect("the server listens"));
    let answer = stream.next().await.expect("the rest is kept");
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"waited 200 ms"}]}}"#);
    assert_eq!(stream.next().await, None, "the stream ends with the answer");
}

#[tokio::test]
async fn an_event_that_was_never_sent_is_nowhere_to_go_on_from() {
    let revision = Revision::V2025_11_25;
    let listening = Listening::start().await;
    let session = open_session(listening.address, revision).await.expect("the revision has sessions");
    let mut stream = begin(&listening, revision, Some(&session), 300).await;
    let last = stream.last_id.clone().expect("events have ids");
    let (number, _) = last.split_once('-').expect("an id names its stream");
    for event in [99_u64, u64::MAX - 1, u64::MAX] {
        let id = format!("{number}-{event}");
        let headers = [
            ("Accept", "text/event-stream"),
            ("Mcp-Session-Id", &session),
            ("Last-Event-ID", &id),
            ("MCP-Protocol-Version", revision.as_str()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let again = Request { address: listening.address, method: "GET", path: "/mcp".to_owned(), headers, body: bytes::Bytes::new() };
        assert_eq!(again.send().await.expect("the server listens").head.status, 404, "{id}");
    }
    assert!(stream.next().await.expect("the call goes on").contains("waited 300 ms"));
}

#[tokio::test]
async fn a_posted_cancellation_is_honoured_in_every_revision() {
    for revision in [Revision::V2025_03_26, Revision::V2025_06_18, Revision::V2025_11_25, Revision::V2026_07_28] {
        let listening = Listening::start().await;
        let session = open_session(listening.address, revision).await;
        let mut stream = begin(&listening, revision, session.as_deref(), 600_000).await;
        let told = post(listening.address, revision, session.as_deref(), &cancelled(1)).send().await.expect("the server listens");
        assert_eq!(told.head.status, 202, "{revision}");
        until("the call is dropped", || listening.witness.dropped() == 1).await;
        assert_eq!(stream.next().await, None, "{revision}: nothing comes after a cancellation");
    }
}

#[tokio::test]
async fn a_request_cancelled_before_it_said_anything_ends_as_an_empty_stream() {
    for revision in [Revision::V2025_11_25, Revision::V2026_07_28] {
        let listening = Listening::start().await;
        let session = open_session(listening.address, revision).await;
        let request = post(listening.address, revision, session.as_deref(), &call(revision, 1, "hangs", "{}"));
        let waiting = tokio::spawn(async move {
            let mut response = request.send().await.expect("the server listens");
            (response.head.status, response.head.header("content-type").map(str::to_owned), response.body().await.expect("a body"))
        });
        // Nothing tells when the call has begun; a cancellation that comes before is ignored.
        while !waiting.is_finished() {
            let told = post(listening.address, revision, session.as_deref(), &cancelled(1)).send().await.expect("the server listens");
            assert_eq!(told.head.status, 202, "{revision}");
        }
        let answer = waiting.await.expect("the request ends");
        assert_eq!(answer, (200, Some("text/event-stream".to_owned()), Vec::new()), "{revision}");
    }
}

#[tokio::test]
async fn an_ended_session_ends_its_calls() {
    let revision = Revision::V2025_11_25;
    let listening = Listening::start().await;
    let session = open_session(listening.address, revision).await.expect("the revision has sessions");
    let mut stream = begin(&listening, revision, Some(&session), 600_000).await;
    let headers = [("Mcp-Session-Id", session.as_str()), ("MCP-Protocol-Version", revision.as_str())];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let end = Request { address: listening.address, method: "DELETE", path: "/mcp".to_owned(), headers, body: bytes::Bytes::new() };
    assert_eq!(end.send().await.expect("the server listens").head.status, 204);
    until("the call is dropped", || listening.witness.dropped() == 1).await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn leaving_the_stream_of_http_sse_cancels() {
    let listening = Listening::start().await;
    let open = Request {
        address: listening.address,
        method: "GET",
        path: "/sse".to_owned(),
        headers: vec![("Accept".to_owned(), "text/event-stream".to_owned())],
        body: bytes::Bytes::new(),
    };
    let mut response = open.send().await.expect("the server listens");
    let piece = tokio::time::timeout(PATIENCE, response.piece()).await.expect("in time").expect("lives").expect("an endpoint");
    let lines = format!("{:?}", Events::default().push(&piece));
    assert!(lines.contains("endpoint"), "{lines}");
    let text = String::from_utf8(piece).expect("text");
    let path = text.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint").to_owned();
    for message in [initialize(Revision::V2024_11_05), call(Revision::V2024_11_05, 1, "waits", r#"{"ms":600000}"#)] {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let request = Request { address: listening.address, method: "POST", path: path.clone(), headers, body: message.into() };
        assert_eq!(request.send().await.expect("the server listens").head.status, 202);
    }
    until("the call has begun", || listening.witness.started() == 1).await;
    drop(response);
    until("the call is dropped", || listening.witness.dropped() == 1).await;
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_of_a_message_harms_nobody() {
    use tokio::io::AsyncWriteExt as _;
    let listening = Listening::start().await;
    for begun in [
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Ty",
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"json",
    ] {
        let mut socket = tokio::net::TcpStream::connect(listening.address).await.expect("the server listens");
        socket.write_all(begun.as_bytes()).await.expect("a server reads");
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(socket);
    }
    let message = call(Revision::LATEST, 1, "add", r#"{"a":1,"b":2}"#);
    let response = post(listening.address, Revision::LATEST, None, &message).send().await.expect("the server listens");
    assert_eq!(response.head.status, 200);
    let stopped = listening.stop();
    tokio::time::timeout(PATIENCE, stopped).await.expect("nobody is waited for").expect("serving does not panic");
}
