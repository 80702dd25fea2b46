//! What tests of single transports share: messages, a listening server, and a client of event streams.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use mcp_core::Revision;
use mcp_parity::auth::{AuthError, Authenticate, Authenticator, Credentials};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_parity::{Principal, Server};
use mcp_testkit::http::{EventLine, Events, Request, Response};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::{Witness, server_with};

/// For how long tests wait for what must come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A call of a tool that asks for progress.
pub fn call(revision: Revision, id: u32, tool: &str, arguments: &str) -> String {
    let meta = if revision.is_modern() {
        format!(r#""io.modelcontextprotocol/protocolVersion":"{revision}","io.modelcontextprotocol/clientCapabilities":{{}},"#)
    } else {
        String::new()
    };
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments},"_meta":{{{meta}"progressToken":{id}}}}}}}"#
    )
}

/// The request that opens a session.
pub fn initialize(revision: Revision) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"protocolVersion":"{revision}","capabilities":{{}},"clientInfo":{{"name":"t","version":"1"}}}}}}"#
    )
}

/// The notification that a request is not wanted any more.
pub fn cancelled(id: u32) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#)
}

/// A POST to the endpoint of Streamable HTTP.
pub fn post(address: SocketAddr, revision: Revision, session: Option<&str>, body: &str) -> Request {
    let mut headers = vec![
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("Accept".to_owned(), "application/json, text/event-stream".to_owned()),
        ("MCP-Protocol-Version".to_owned(), revision.to_string()),
    ];
    headers.extend(session.map(|session| ("Mcp-Session-Id".to_owned(), session.to_owned())));
    if revision.is_modern() {
        let message: serde_json::Value = serde_json::from_str(body).expect("tests send JSON");
        for (header, value) in [("Mcp-Method", &message["method"]), ("Mcp-Name", &message["params"]["name"])] {
            headers.extend(value.as_str().map(|value| (header.to_owned(), value.to_owned())));
        }
    }
    Request { address, method: "POST", path: "/mcp".to_owned(), headers, body: Bytes::copy_from_slice(body.as_bytes()) }
}

/// Opens a session over Streamable HTTP, where the revision has sessions.
///
/// # Panics
/// When the server refuses.
pub async fn open_session(address: SocketAddr, revision: Revision) -> Option<String> {
    if revision.is_modern() {
        return None;
    }
    let mut request = post(address, revision, None, &initialize(revision));
    request.headers.retain(|(name, _)| name != "MCP-Protocol-Version");
    let response = request.send().await.expect("the server listens");
    Some(response.head.header("mcp-session-id").expect("a session was opened").to_owned())
}

/// A server that listens on loopback until it is told to stop.
#[derive(Debug)]
pub struct Listening {
    /// Where.
    pub address: SocketAddr,
    /// What becomes of its calls.
    pub witness: Arc<Witness>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Listening {
    /// Starts to listen; every caller is the local developer.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        let witness = Arc::new(Witness::default());
        let config = HttpConfig { authenticator: Authenticator::LocalDeveloper, ..HttpConfig::default() };
        let dispatcher = server_with(Arc::clone(&witness)).into_dispatcher().expect("the server is sound");
        let service = HttpService::new(dispatcher, config).expect("the configuration is usable");
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("there is a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(listener.serve(async {
            let _ = stopped.await;
        }));
        Self { address, witness, stop, serving }
    }

    /// Asks the server to stop; what is returned completes when it has.
    pub fn stop(self) -> JoinHandle<()> {
        let _ = self.stop.send(());
        self.serving
    }
}

/// A response that is a stream of events.
#[derive(Debug)]
pub struct Stream {
    response: Response,
    events: Events,
    lines: VecDeque<EventLine>,
    /// The id of the last event.
    pub last_id: Option<String>,
}

impl Stream {
    /// Reads a response as events.
    ///
    /// # Panics
    /// When it is something else.
    pub fn of(response: Response) -> Self {
        assert_eq!(response.head.header("content-type"), Some("text/event-stream"), "{:?}", response.head);
        Self { response, events: Events::default(), lines: VecDeque::new(), last_id: None }
    }

    /// The next frame; `None` at the end of the stream.
    ///
    /// # Panics
    /// When nothing comes for long, or the connection breaks.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            while let Some(line) = self.lines.pop_front() {
                match line {
                    EventLine::Data(data) => return Some(String::from_utf8(data).expect("frames are text")),
                    EventLine::Framing(line) => {
                        if let Some(id) = line.strip_prefix("id: ") {
                            self.last_id = Some(id.to_owned());
                        }
                    }
                    _ => {}
                }
            }
            let piece = tokio::time::timeout(PATIENCE, self.response.piece()).await.expect("something comes in time");
            self.lines.extend(self.events.push(&piece.expect("the connection lives")?));
        }
    }
}

/// Waits until something is so.
///
/// # Panics
/// When it is not for long.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

/// Serves the fixture server to callers whom `provider` identifies.
///
/// # Panics
/// When there is no free port.
pub async fn serve_behind(provider: impl Authenticate) -> SocketAddr {
    serve_to(provider, crate::server()).await
}

/// Takes everybody at their word: a token is a name.
#[derive(Debug)]
pub struct ByName;

#[async_trait]
impl Authenticate for ByName {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        credentials.bearer()?.map(|token| Principal::new(token.expose())).ok_or(AuthError::Missing)
    }
}

/// Serves a server to callers whom `provider` identifies.
///
/// # Panics
/// When there is no free port.
pub async fn serve_to(provider: impl Authenticate, server: Server) -> SocketAddr {
    let authenticator = Authenticator::Provider(Arc::new(provider));
    let config = HttpConfig { authenticator, ..HttpConfig::default() };
    let dispatcher = server.into_dispatcher().expect("the server is sound");
    let service = HttpService::new(dispatcher, config).expect("the configuration is usable");
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("there is a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(listener.serve(std::future::pending()));
    address
}
