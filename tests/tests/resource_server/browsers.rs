//! Browsers, and those who use them for attacks.

use std::net::SocketAddr;

use mcp_core::Revision;
use mcp_parity::http::HttpConfig;
use mcp_testkit::http::Request;
use mcp_tests::client::{PATIENCE, call};
use mcp_tests::protected::{Answer, Issuer, Site, behind};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const ORIGIN: &str = "https://app.example.com";

async fn start() -> (Issuer, Site) {
    let issuer = Issuer::default();
    let config = HttpConfig { allowed_origins: vec![ORIGIN.to_owned()], ..behind(issuer.verifier()) };
    let site = Site::with(config).await;
    (issuer, site)
}

/// Sends lines as they are; gives the status.
async fn raw(address: SocketAddr, head: &str) -> u16 {
    let mut socket = tokio::net::TcpStream::connect(address).await.expect("the server listens");
    socket.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).await.expect("the server reads");
    let mut response = String::new();
    tokio::time::timeout(PATIENCE, socket.read_to_string(&mut response)).await.expect("an answer in time").expect("text");
    response.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {response}"))
}

#[tokio::test]
async fn rs_21_foreign_hosts_and_origins_are_refused_before_anything_else() {
    let (issuer, site) = start().await;
    let token = issuer.token(json!({}));
    for (host, status) in [
        ("mcp.example.com", 200),
        ("MCP.example.com:443", 200),
        ("localhost", 200),
        ("127.0.0.1:9", 200),
        ("[::1]", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("mcp.example.com.evil.example", 403),
        ("evil.example:80", 403),
    ] {
        for path in ["/mcp/tools", "/.well-known/oauth-protected-resource/mcp"] {
            let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}");
            assert_eq!(raw(site.address, &head).await, status, "{host} {path}");
        }
        let preflight = if status == 200 { 204 } else { status };
        assert_eq!(raw(site.address, &format!("OPTIONS /mcp HTTP/1.1\r\nHost: {host}")).await, preflight, "{host}");
    }
    assert_eq!(raw(site.address, &format!("GET /mcp/tools HTTP/1.1\r\nAuthorization: Bearer {token}")).await, 400);
    let two = format!("GET /mcp/tools HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nAuthorization: Bearer {token}");
    assert_eq!(raw(site.address, &two).await, 400);
    let named_twice = format!("GET http://evil.example/mcp/tools HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}");
    assert_eq!(raw(site.address, &named_twice).await, 403);

    for (origin, accepted) in [
        (ORIGIN, true),
        ("https://mcp.example.com", true),
        ("http://localhost:6274", true),
        ("https://evil.example", false),
        ("http://app.example.com", false),
        ("https://app.example.com.evil.example", false),
        ("http://localhost.evil.example", false),
        ("null", false),
    ] {
        for (token, with) in [(Some(&*token), 200), (None, 401)] {
            let mut request = site.request(token, &call(Revision::LATEST, 1, "whoami", "{}"));
            request.headers.push(("Origin".to_owned(), origin.to_owned()));
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, if accepted { with } else { 403 }, "{origin}: {answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), accepted.then_some(origin));
        }
    }
}

#[tokio::test]
async fn rs_29_browsers_can_read_refusals() {
    let (issuer, site) = start().await;
    for (token, status) in [(None, 401), (Some("bad".to_owned()), 401), (Some(issuer.token(json!({}))), 403)] {
        for path in ["/mcp", "/mcp/"] {
            let mut request = site.request(token.as_deref(), &call(Revision::LATEST, 1, "executes", "{}"));
            request.path = path.to_owned();
            request.headers.push(("Origin".to_owned(), ORIGIN.to_owned()));
            let answer = Answer::of(request).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some(ORIGIN)), "{answer:?}");
            assert!(answer.challenge().starts_with("Bearer "));
            let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
            for name in ["www-authenticate", "mcp-session-id", "mcp-protocol-version", "retry-after"] {
                assert!(exposed.split(", ").any(|listed| listed == name), "{name}: {exposed}");
            }
            assert!(answer.header("vary").is_some_and(|vary| vary.eq_ignore_ascii_case("origin")), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn rs_29_what_may_be_asked_is_told_before_authorization() {
    let (_, site) = start().await;
    let bare = |method, path: &str, headers: &[(&str, &str)]| Request {
        address: site.address,
        method,
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: bytes::Bytes::new(),
    };
    let paths = ["/mcp", "/mcp/", "/sse", "/v1/sse", "/mcp/tools", "/.well-known/oauth-protected-resource/mcp"];
    for path in paths {
        let headers = [("Origin", ORIGIN), ("Access-Control-Request-Method", "POST")];
        let answer = Answer::of(bare("OPTIONS", path, &headers)).await;
        // Metadata is for pages of every origin.
        let origin = if path.contains("well-known") { "*" } else { ORIGIN };
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some(origin)), "{path}: {answer:?}");
        let allowed = answer.header("access-control-allow-headers").unwrap_or_default();
        for name in ["authorization", "content-type", "mcp-protocol-version", "mcp-session-id", "mcp-method", "mcp-name", "last-event-id"] {
            assert!(allowed.split(", ").any(|listed| listed == name), "{path} {name}: {allowed}");
        }
        let methods = answer.header("access-control-allow-methods").unwrap_or_default();
        assert!(["GET", "POST", "DELETE"].iter().all(|method| methods.contains(method)), "{methods}");
    }
    // A tool may mirror arguments into headers of its own names.
    let wanted = "authorization, mcp-param-region";
    let headers = [("Origin", ORIGIN), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", wanted)];
    assert_eq!(Answer::of(bare("OPTIONS", "/mcp", &headers)).await.header("access-control-allow-headers"), Some(wanted));

    for path in ["/mcp", "/mcp/"] {
        let head = Answer::of(bare("HEAD", path, &[])).await;
        assert_eq!((head.status, head.header("mcp-protocol-version")), (200, Some(Revision::LATEST.as_str())), "{path}: {head:?}");
        assert_eq!(head.header("content-length").unwrap_or("0"), "0", "{path}");
    }
    // Whether a method is there is told after who is calling.
    assert_eq!(Answer::of(bare("GET", "/mcp", &[])).await.status, 401);
}
