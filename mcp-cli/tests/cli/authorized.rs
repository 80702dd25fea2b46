//! Servers that ask who is calling.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use mcp_parity::auth::{AuditLog, AuthError, Authenticate, Authenticator, Credentials};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{Principal, ScopeSet, Server, tool};

use crate::support::{Run, command, run, run_with_input};

/// Look.
#[tool(scope = "files:read", read_only)]
fn look() -> &'static str {
    "seen"
}

/// Change something.
#[tool(scope = "files:write")]
fn change() -> &'static str {
    "changed"
}

/// Knows one token.
struct Reader;

#[async_trait::async_trait]
impl Authenticate for Reader {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        match credentials.bearer()?.ok_or(AuthError::Missing)?.expose() {
            "reader" => Ok(Principal::new("ada").with_scopes(ScopeSet::parse("files:read"))),
            _ => Err(AuthError::invalid("the token is unknown")),
        }
    }
}

/// Serves, and writes down what was decided.
pub(crate) async fn serve(log: Option<&Path>) -> SocketAddr {
    let mut server = Server::linked().expect("the registry is sound");
    if let Some(log) = log {
        server = server.audit(Arc::new(AuditLog::open(log).expect("the folder is ours")));
    }
    let dispatcher = server.into_dispatcher().expect("the registry is sound");
    let config = HttpConfig { authenticator: Authenticator::Provider(Arc::new(Reader)), ..HttpConfig::default() };
    let service = HttpService::new(dispatcher, config).expect("a usable configuration");
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(listener.serve(std::future::pending()));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_call_is_told_apart() {
    let url = format!("http://{}/mcp", serve(None).await);
    for (words, token, code, out, err) in [
        ("call look", None, 4, "", "--bearer-env NAME"),
        ("whoami", None, 4, "", "Bearer"),
        ("call look", Some("stranger"), 4, "", "status 401"),
        ("call look", Some("reader"), 0, "seen\n", ""),
        ("call change", Some("reader"), 5, "", "files:write"),
        ("call change --era legacy", Some("reader"), 5, "", "files:write"),
        ("list", Some("reader"), 0, "change", ""),
        ("whoami", Some("reader"), 0, "only the server can read", ""),
    ] {
        let mut words: Vec<&str> = words.split(' ').collect();
        words.insert(1, &url);
        let mut command = command(&words);
        if let Some(token) = token {
            command.args(["--bearer-env", "MCP_TEST_TOKEN"]).env("MCP_TEST_TOKEN", token);
        }
        let done: Run = tokio::task::spawn_blocking(move || run(command)).await.expect("it runs");
        done.is(code, &[out], &[err]);
        assert!(!done.err.contains("stranger"), "{}", done.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_can_say_who_is_calling() {
    let url = format!("http://{}/mcp", serve(None).await);
    let command = command(&["call", &url, "look", "--header", "Authorization=Bearer reader"]);
    tokio::task::spawn_blocking(move || run(command)).await.expect("it runs").is(0, &["seen"], &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_log_is_summed_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("audit.jsonl");
    let url = format!("http://{}/mcp", serve(Some(&log)).await);
    let path = log.to_str().expect("a plain path").to_owned();
    tokio::task::spawn_blocking(move || {
        for (tool, code) in [("look", 0), ("look", 0), ("change", 5)] {
            let mut command = command(&["call", &url, tool, "--bearer-env", "MCP_TEST_TOKEN"]);
            command.env("MCP_TEST_TOKEN", "reader");
            run(command).is(code, &[], &[]);
        }
        let records = std::fs::read_to_string(&path).expect("the server writes it");
        for watched in [run(command(&["watch", &path])), run_with_input(command(&["watch", "--once"]), &(records + "no record\n"))] {
            watched.is(0, &["ITEM", "look", "change", "REFUSED FOR", "ada"], &[]);
            let look = watched.out.lines().find(|line| line.starts_with("look ")).expect("a row");
            assert_eq!(look.split_whitespace().take(4).collect::<Vec<_>>(), ["look", "2", "0", "0"], "{}", watched.out);
            let change = watched.out.lines().find(|line| line.starts_with("change ")).expect("a row");
            assert_eq!(change.split_whitespace().take(4).collect::<Vec<_>>(), ["change", "1", "0", "1"], "{}", watched.out);
        }
        run_with_input(command(&["watch", "--once"]), "no record\n").is(2, &[], &["no line of it is an audit record"]);
        run_with_input(command(&["watch", "--once"]), "").is(0, &["ITEM"], &[]);
    })
    .await
    .expect("it runs");
}
