//! Sessions that were made up, have ended or are somebody else's, on the two transports that name them:
//! Streamable HTTP in a header, HTTP+SSE in the address to post to.

use std::net::SocketAddr;

use mcp_core::Revision;
use mcp_testkit::http::{Request, Response};
use mcp_tests::client::{ByName, initialize, serve_behind};

fn request(address: SocketAddr, method: &'static str, path: &str, who: &str, session: Option<&str>, body: &str) -> Request {
    let mut headers = vec![("Authorization".to_owned(), format!("Bearer {who}"))];
    headers
        .push(("Accept".to_owned(), if method == "GET" { "text/event-stream" } else { "application/json, text/event-stream" }.to_owned()));
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    headers.extend(session.map(|session| ("Mcp-Session-Id".to_owned(), session.to_owned())));
    Request { address, method, path: path.to_owned(), headers, body: bytes::Bytes::copy_from_slice(body.as_bytes()) }
}

async fn answer(request: Request) -> (u16, String) {
    let mut response = request.send().await.expect("the server listens");
    let body = response.body().await.expect("a body");
    (response.head.status, String::from_utf8(body).expect("text"))
}

/// Opens a stream of HTTP+SSE; gives where to post.
async fn stream(address: SocketAddr, who: &str) -> (Response, String) {
    let mut response = request(address, "GET", "/sse", who, None, "").send().await.expect("the server listens");
    let first = response.piece().await.expect("the connection lives").expect("an endpoint");
    let first = String::from_utf8(first).expect("text");
    let path = first.lines().find_map(|line| line.strip_prefix("data: ")).expect("an endpoint").to_owned();
    (response, path)
}

const MESSAGES: [(&str, &str); 4] = [
    (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, r#","id":1"#),
    (r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#, r#","id":"a""#),
    (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, ""),
    ("{", ""),
];

#[tokio::test]
async fn unknown_sessions_are_refused_in_the_same_words_however_they_are_named() {
    let address = serve_behind(ByName).await;
    let open = |who: &'static str| async move {
        let opened =
            request(address, "POST", "/mcp", who, None, &initialize(Revision::V2025_11_25)).send().await.expect("the server listens");
        opened.head.header("mcp-session-id").expect("a session").to_owned()
    };
    let (of_ann, ended) = (open("ann").await, open("bob").await);
    let (status, _) = answer(request(address, "DELETE", "/mcp", "bob", Some(&ended), "")).await;
    assert_eq!(status, 204);
    let (_anns_stream, anns_path) = stream(address, "ann").await;
    let (closed, ended_path) = stream(address, "bob").await;
    drop(closed);

    let sessions =
        [("made up", "abc", "/sse/messages?sessionId=abc"), ("somebody else's", &of_ann, &anns_path), ("ended", &ended, &ended_path)];
    for (kind, session, path) in sessions {
        for (message, id) in MESSAGES {
            let expected =
                (404, format!(r#"{{"jsonrpc":"2.0"{id},"error":{{"code":-31404,"message":"there is no such session; open a new one"}}}}"#));
            let streamable = answer(request(address, "POST", "/mcp", "bob", Some(session), message)).await;
            assert_eq!(streamable, expected, "Streamable HTTP, {kind}");
            // A stream has ended once the server has noticed.
            let mut found = answer(request(address, "POST", path, "bob", None, message)).await;
            for _ in 0..1_000 {
                if kind != "ended" || found.0 == 404 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                found = answer(request(address, "POST", path, "bob", None, message)).await;
            }
            assert_eq!(found, expected, "HTTP+SSE, {kind}");
        }
    }
}
