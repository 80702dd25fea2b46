//! One connection of a careless client: whatever it sends, the next request on it is answered.

use mcp_core::Revision;
use mcp_tests::MAX_MESSAGE;
use mcp_tests::client::{Listening, PATIENCE, call};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Reads one response whose body has a length.
async fn response(reader: &mut BufReader<TcpStream>) -> (u16, String) {
    let (mut status, mut length) = (0, 0);
    for number in 0.. {
        let mut line = String::new();
        let read =
            tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await.expect("an answer in time").expect("the connection lives");
        assert!(read > 0, "the server closed the connection");
        if number == 0 {
            status = line[9..12].parse().expect("a status");
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.expect("a body");
    (status, String::from_utf8(body).expect("text"))
}

#[tokio::test]
async fn a_connection_lives_through_bad_requests() {
    let listening = Listening::start().await;
    let mut connection = BufReader::new(TcpStream::connect(listening.address).await.expect("the server listens"));
    let good = call(Revision::LATEST, 1, "add", r#"{"a":1,"b":2}"#).into_bytes();
    let (json, both) = ("Content-Type: application/json\r\n", "Accept: application/json, text/event-stream\r\n");
    let post = format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{json}{both}");
    let modern = format!("{post}MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: add\r\n");
    let lines: Vec<(&str, String, Vec<u8>, u16)> = vec![
        ("text that is not JSON", post.clone(), b"{".to_vec(), 400),
        ("invalid UTF-8", post.clone(), vec![0xff; 10], 400),
        ("deep nesting", post.clone(), b"[".repeat(10_000), 400),
        ("a message that is too large", post.clone(), vec![b' '; MAX_MESSAGE + 1], 413),
        ("an empty body", post.clone(), Vec::new(), 400),
        ("no version header", post.clone(), good.clone(), 400),
        ("another content type", format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{both}"), good.clone(), 415),
        ("nothing acceptable", format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{json}Accept: image/png\r\n"), good.clone(), 406),
        ("a foreign host", format!("POST /mcp HTTP/1.1\r\nHost: evil.example\r\n{json}{both}"), good.clone(), 403),
        ("no host", format!("POST /mcp HTTP/1.1\r\n{json}{both}"), good.clone(), 400),
        ("two hosts", format!("{post}Host: localhost\r\n"), good.clone(), 400),
        (
            "another encoding",
            format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-16\r\n{both}"),
            good.clone(),
            415,
        ),
        ("a weight of zero", format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{json}Accept: application/json;q=0\r\n"), good.clone(), 406),
        ("two names", format!("{modern}Mcp-Name: add\r\n"), good.clone(), 400),
        ("a foreign origin", format!("{post}Origin: https://evil.example\r\n"), good.clone(), 403),
        ("another path", format!("POST /nowhere HTTP/1.1\r\nHost: localhost\r\n{json}{both}"), good.clone(), 404),
        ("another method", format!("PUT /mcp HTTP/1.1\r\nHost: localhost\r\n{json}{both}"), good.clone(), 405),
        ("a stream of nothing", "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n".to_owned(), Vec::new(), 405),
        ("an end of nothing", "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n".to_owned(), Vec::new(), 405),
    ];
    for (name, head, body, expected) in lines {
        for (head, body, expected) in [(head, body, expected), (modern.clone(), good.clone(), 200)] {
            let request = [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat();
            connection.get_mut().write_all(&request).await.expect("the connection lives");
            let (status, answer) = response(&mut connection).await;
            assert_eq!(status, expected, "{name}: {answer}");
            assert!(answer.starts_with(r#"{"jsonrpc":"2.0","#), "{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn requests_that_follow_one_another_at_once_are_answered_in_order() {
    let listening = Listening::start().await;
    let mut connection = BufReader::new(TcpStream::connect(listening.address).await.expect("the server listens"));
    let mut requests = Vec::new();
    for id in 1..=20 {
        let body = call(Revision::LATEST, id, "add", r#"{"a":1,"b":2}"#);
        let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: add\r\n";
        requests.extend_from_slice(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }
    connection.get_mut().write_all(&requests).await.expect("the server reads");
    for id in 1..=20 {
        let (status, answer) = response(&mut connection).await;
        assert_eq!(status, 200);
        assert!(answer.starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result""#)), "{answer}");
    }
}
