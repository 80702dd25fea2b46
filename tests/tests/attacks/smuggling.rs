//! Requests whose end is where the reader likes: a second request inside must not be answered.

use std::time::Duration;

use mcp_core::{Revision, Verdict};
use mcp_parity::http::HttpConfig;
use mcp_tests::client::call;
use mcp_tests::issuer::Issuer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::bench::{Bench, RESOURCE, verifier};
use super::clock::Hand;

fn head(extra: &str, token: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
         MCP-Protocol-Version: {}\r\nMcp-Method: tools/call\r\nMcp-Name: whoami\r\nAuthorization: Bearer {token}\r\n{extra}\r\n",
        Revision::LATEST
    )
}

/// Sends bytes and gives the status of every answer until the server, which waits for no more, closes the connection.
async fn statuses(bench: &Bench, bytes: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(bench.server).await.expect("the server listens");
    stream.write_all(bytes.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    bench.hear(&answer);
    answer.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].to_owned()).collect()
}

#[tokio::test]
async fn attack_platform_smuggling() {
    let hurried = |config: &mut HttpConfig| config.read_timeout = Duration::from_secs(2);
    let bench = Bench::with(Issuer::start().await, verifier, &Hand::new(), hurried, |builder| builder).await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.hush(&token);
    let body = call(Revision::LATEST, 1, "whoami", "{}");
    let length = body.len();
    let whole = |extra: &str, body: &str| format!("{}{body}", head(extra, &token));
    let first = whole(&format!("Content-Length: {length}\r\n"), &body);
    let second = whole(&format!("Content-Length: {length}\r\nConnection: close\r\n"), &body);
    assert_eq!(statuses(&bench, &format!("{first}{second}")).await, ["200", "200"], "two requests are two");
    let chunked = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
    assert_eq!(statuses(&bench, &whole("Transfer-Encoding: chunked\r\nConnection: close\r\n", &chunked)).await, ["200"]);
    assert_eq!(bench.times_recorded(Verdict::Succeeded), 3);

    for (name, extra, body) in [
        ("two lengths", format!("Content-Length: {length}\r\nContent-Length: 0\r\n"), body.clone()),
        ("two lengths, the short one first", format!("Content-Length: 0\r\nContent-Length: {length}\r\n"), second.clone()),
        ("a list of lengths", format!("Content-Length: 0, {length}\r\n"), second.clone()),
        ("a length with a sign", format!("Content-Length: +{length}\r\n"), body.clone()),
        ("a length that is none", "Content-Length: 0x10\r\n".to_owned(), body.clone()),
        ("chunks that are not last", "Transfer-Encoding: chunked, identity\r\n".to_owned(), format!("0\r\n\r\n{second}")),
        ("another encoding", "Transfer-Encoding: xchunked\r\n".to_owned(), format!("0\r\n\r\n{second}")),
        ("a folded header", format!("Transfer-Encoding:\r\n chunked\r\nContent-Length: {length}\r\n"), body.clone()),
        ("a space before the colon", format!("Transfer-Encoding : chunked\r\nContent-Length: {length}\r\n"), body.clone()),
    ] {
        let found = statuses(&bench, &whole(&extra, &body)).await;
        assert!(found.is_empty() || found == ["400"], "{name}: {found:?}");
    }
    assert_eq!(bench.times_recorded(Verdict::Succeeded), 3, "none of them was looked at");

    // Where both say how long a body is, the chunks count, and what comes after them on the connection does not
    // (RFC 9112, section 6.1): for whoever went by the length it was a part of the body.
    let both = format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", chunked.len() + second.len());
    let found = statuses(&bench, &whole(&both, &format!("{chunked}{second}"))).await;
    assert!(found == ["200"] || found == ["400"], "{found:?}");
    bench.end();
}
