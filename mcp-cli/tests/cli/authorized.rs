//! Servers that ask who is calling.

use std::net::SocketAddr;
use std::sync::Arc;

use mcp_parity::auth::{AuthError, Authenticate, Authenticator, Credentials};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{Principal, ScopeSet, Server, tool};

use crate::support::{Run, command, run};

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

async fn serve() -> SocketAddr {
    let dispatcher = Server::linked().expect("the registry is sound").into_dispatcher().expect("the registry is sound");
    let config = HttpConfig { authenticator: Authenticator::Provider(Arc::new(Reader)), ..HttpConfig::default() };
    let service = HttpService::new(dispatcher, config).expect("a usable configuration");
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(listener.serve(std::future::pending()));
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_call_is_told_apart() {
    let url = format!("http://{}/mcp", serve().await);
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
    let url = format!("http://{}/mcp", serve().await);
    let command = command(&["call", &url, "look", "--header", "Authorization=Bearer reader"]);
    tokio::task::spawn_blocking(move || run(command)).await.expect("it runs").is(0, &["seen"], &[]);
}
