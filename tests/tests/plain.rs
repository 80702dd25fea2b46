//! The plain-HTTP adapter: the same tools, words and refusals, with a status for each outcome.

use std::fmt::Write as _;

use async_trait::async_trait;
use expect_test::expect_file;
use mcp_parity::Principal;
use mcp_parity::auth::{AuthError, Authenticate, Credentials};
use mcp_testkit::http::Request;
use mcp_tests::MAX_MESSAGE;
use mcp_tests::client::serve_behind;

/// Knows callers by the name they give as a token.
struct ByName;

#[async_trait]
impl Authenticate for ByName {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        match credentials.bearer()?.map(mcp_parity::auth::Bearer::expose) {
            None => Ok(Principal::anonymous()),
            Some("local") => Ok(Principal::local()),
            Some("reader") => Ok(Principal::new("reader").with_scopes(mcp_parity::ScopeSet::parse("mcp:read"))),
            Some("busy") => Err(AuthError::Unavailable { retry_after: std::time::Duration::from_secs(7) }),
            Some(_) => Err(AuthError::invalid("it is another one")),
        }
    }
}

/// Method, path, caller, content type, body.
type Line = (&'static str, &'static str, &'static str, &'static str, &'static str);

const JSON: &str = "application/json";

const LINES: &[Line] = &[
    ("POST", "/mcp/tool/add", "", JSON, r#"{"a":1,"b":2}"#),
    ("POST", "/mcp/tool/add", "", "application/json; charset=utf-8", r#"{"a":1,"b":2}"#),
    ("POST", "/mcp/tool/prints", "", JSON, ""),
    ("POST", "/mcp/tool/locate", "", JSON, r#"{"region":"north"}"#),
    ("POST", "/mcp/tool/add", "", JSON, r#"{"a":1}"#),
    ("POST", "/mcp/tool/ranged", "", JSON, r#"{"count":11}"#),
    ("POST", "/mcp/tool/add", "", JSON, r#"{"a":1,"b":2,"c":3}"#),
    ("POST", "/mcp/tool/add", "", JSON, "[1,2]"),
    ("POST", "/mcp/tool/add", "", JSON, "{"),
    ("POST", "/mcp/tool/add", "", JSON, "null"),
    ("POST", "/mcp/tool/add", "", "text/plain", r#"{"a":1,"b":2}"#),
    ("POST", "/mcp/tool/nope", "", JSON, "{}"),
    ("POST", "/mcp/tool/", "", JSON, "{}"),
    ("POST", "/mcp/tool/add/1", "", JSON, "{}"),
    ("GET", "/mcp/tool/add", "", JSON, ""),
    ("POST", "/mcp/tools", "", JSON, "{}"),
    ("POST", "/mcp/tool/execute", "", JSON, "{}"),
    ("POST", "/mcp/tool/execute", "reader", JSON, "{}"),
    ("POST", "/mcp/tool/execute", "local", JSON, "{}"),
    ("POST", "/mcp/tool/administer", "reader", JSON, "{}"),
    ("POST", "/mcp/tool/administer", "local", JSON, "{}"),
    ("POST", "/mcp/tool/add", "stranger", JSON, r#"{"a":1,"b":2}"#),
    ("POST", "/mcp/tool/add", "busy", JSON, r#"{"a":1,"b":2}"#),
    ("POST", "/mcp/tool/panics", "", JSON, "{}"),
    ("POST", "/mcp/tool/panics_later", "", JSON, "{}"),
    ("POST", "/mcp/tool/hangs", "", JSON, "{}"),
    ("POST", "/mcp/tool/breaks_its_schema", "", JSON, "{}"),
    ("POST", "/mcp/tool/asks", "", JSON, "{}"),
    ("POST", "/mcp/tool/works_long", "", JSON, "{}"),
    ("GET", "/mcp/other", "", JSON, ""),
];

#[tokio::test]
async fn every_outcome_has_a_status_and_the_bare_body() {
    let address = serve_behind(ByName).await;
    let mut recorded = String::new();
    for &(method, path, caller, kind, body) in LINES {
        let mut headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        if !caller.is_empty() {
            headers.push(("Authorization".to_owned(), format!("Bearer {caller}")));
        }
        let request = Request { address, method, path: path.to_owned(), headers, body: body.into() };
        let mut response = request.send().await.expect("the server listens");
        let answer = String::from_utf8(response.body().await.expect("a body")).expect("text");
        let _ = writeln!(recorded, "> {method} {path} {caller} {kind} {body}");
        let _ = write!(recorded, "< {}", response.head.status);
        for name in ["www-authenticate", "allow", "retry-after"] {
            if let Some(value) = response.head.header(name) {
                let _ = write!(recorded, " {name}: {value}");
            }
        }
        let _ = writeln!(recorded, "\n< {answer}\n");
        let is_page = !answer.contains("nothing is served at this path");
        assert!(!is_page || !answer.contains("jsonrpc"), "the adapter speaks no JSON-RPC: {answer}");
    }
    expect_file!["../golden/plain.txt"].assert_eq(&recorded);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whole_or_in_pieces() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = serve_behind(ByName).await;
    for path in ["/mcp/tool/add", "/mcp"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close\r\n"
        );
        let declared = format!("{head}Content-Length: {}\r\n\r\n{}", MAX_MESSAGE + 1, "x".repeat(MAX_MESSAGE + 1));
        let asked = format!("{head}Content-Length: {}\r\nExpect: 100-continue\r\n\r\n", MAX_MESSAGE + 1);
        let chunk = format!("{:x}\r\n{}\r\n", 16_384, "x".repeat(16_384)).repeat(5);
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
        for request in [declared, asked, chunked] {
            let mut socket = tokio::net::TcpStream::connect(address).await.expect("the server listens");
            socket.write_all(request.as_bytes()).await.expect("the server reads");
            let mut response = Vec::new();
            socket.read_to_end(&mut response).await.expect("the answer is there and the connection ends in order");
            let response = String::from_utf8_lossy(&response);
            assert!(response.starts_with("HTTP/1.1 413 "), "{path}: {response}");
            let envelope = if path == "/mcp" { r#"{"jsonrpc":"2.0","error":"# } else { r#"{"error":"# };
            assert!(
                response.contains(&format!("{envelope}{{\"code\":-31413,\"message\":\"the message is larger than {MAX_MESSAGE} bytes\"}}")),
                "{path}: {response}"
            );
        }
    }
}
