//! The fetcher against a real listener.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A listener that counts its connections and writes the same bytes to all of them.
struct Listener {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Listener {
    async fn answering(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4_096]).await;
                    let _ = stream.write_all(&answer).await;
                    // An answer without an end is held open, so that only a limit can end the request.
                    if !answer.starts_with(b"HTTP/1.1 200 OK\r\nconnection: close") {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { port, connections }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn development() -> FetchPolicy {
    FetchPolicy { allow_loopback_http: true, timeout: Duration::from_secs(5), max_body_bytes: 1_000, ..FetchPolicy::default() }
}

async fn get(policy: FetchPolicy, url: &str) -> Result<Response<Bytes>, FetchError> {
    let fetcher = GuardedFetcher::new(policy).expect("a client");
    let request = Request::get(url).body(Bytes::new()).expect("a request");
    fetcher.fetch(request).await
}

fn closing(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{head}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn what_is_refused_is_never_connected_to() {
    let listener = Listener::answering(closing("content-length: 2\r\n", "hi")).await;
    let port = listener.port;
    let private = FetchPolicy { allowed_private: vec!["0.0.0.0/0".parse().expect("a block")], ..FetchPolicy::default() };
    for policy in [FetchPolicy::default(), private] {
        for host in ["127.0.0.1", "2130706433", "0x7f.1", "0177.1", "127.1", "0.0.0.0", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]"] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}:{port}/");
                let verdict = get(policy.clone(), &url).await;
                assert!(matches!(verdict, Err(FetchError::Refused(_))), "{url}: {verdict:?}");
            }
        }
    }
    let url = format!("http://user:secret@127.0.0.1:{port}/");
    assert!(matches!(get(development(), &url).await, Err(FetchError::Refused(_))));
    assert_eq!(listener.connections(), 0);

    for host in ["127.0.0.1", "2130706433", "localhost"] {
        let answer = get(development(), &format!("http://{host}:{port}/")).await.expect("it is allowed");
        assert_eq!(answer.body(), "hi");
    }
    assert_eq!(listener.connections(), 3, "the listener does count");
}

#[tokio::test]
async fn answers_are_read_up_to_the_limit() {
    let (fits, long) = ("x".repeat(1_000), "x".repeat(1_001));
    let endless = |head: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n{body}").into_bytes();
    for (name, answer, verdict) in [
        ("fits", closing("content-length: 1000\r\n", &fits), Ok(1_000)),
        ("fits, without a length", closing("", &fits), Ok(1_000)),
        ("too long", closing("content-length: 1001\r\n", &long), Err(FetchError::TooLarge)),
        ("too long, without a length", closing("", &long), Err(FetchError::TooLarge)),
        ("claims to be huge", endless("content-length: 99999999999\r\n", "x"), Err(FetchError::TooLarge)),
        ("claims to be short", closing("content-length: 3\r\n", &long), Ok(3)),
        (
            "chunks without end",
            endless("transfer-encoding: chunked\r\n", &format!("400\r\n{}\r\n400\r\n", "x".repeat(1_024))),
            Err(FetchError::TooLarge),
        ),
        ("a huge chunk", endless("transfer-encoding: chunked\r\n", &format!("fffffff\r\n{long}")), Err(FetchError::TooLarge)),
    ] {
        let listener = Listener::answering(answer).await;
        let got = get(development(), &format!("http://127.0.0.1:{}/", listener.port)).await;
        assert_eq!(got.map(|response| response.body().len()), verdict, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_unpacked_and_no_redirect_followed() {
    let packed = Listener::answering(closing("content-encoding: gzip\r\ncontent-length: 3\r\n", "abc")).await;
    let answer = get(development(), &format!("http://127.0.0.1:{}/", packed.port)).await.expect("an answer");
    assert_eq!((answer.body().as_ref(), &answer.headers()["content-encoding"]), (&b"abc"[..], &"gzip".parse().expect("a value")));

    let target = Listener::answering(closing("content-length: 2\r\n", "hi")).await;
    let location = format!("http://127.0.0.1:{}/", target.port);
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into_bytes();
    let listener = Listener::answering(redirect).await;
    let answer = get(development(), &format!("http://127.0.0.1:{}/", listener.port)).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), target.connections()), (302, 0));
}

#[tokio::test]
async fn a_slow_answer_is_given_up_without_naming_the_url() {
    let listener = Listener::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow".to_vec()).await;
    let policy = FetchPolicy { timeout: Duration::from_millis(200), ..development() };
    let verdict = get(policy, &format!("http://127.0.0.1:{}/?token=canary", listener.port)).await;
    assert_eq!(verdict.map(drop), Err(FetchError::Unreachable("it took too long".to_owned())));
    let verdict = get(development(), "http://127.0.0.1:1/?token=canary").await;
    assert_eq!(verdict.map(drop), Err(FetchError::Unreachable("no connection could be made".to_owned())));
}
