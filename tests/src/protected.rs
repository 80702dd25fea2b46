//! A server whose items ask for scopes, a tier or a second factor, behind any provider and on a real listener.

mod answer;
mod items;
mod signer;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use mcp_auth::{AuditLog, AuthError, Authenticate, Authenticator, Credentials, MemorySink, Resource};
use mcp_core::{Connection, Dispatcher, Exchange, Headers, Outlet, Revision, Transport};
use mcp_parity::http::{HttpConfig, HttpService, Listener};
use mcp_testkit::http::Request;

pub use answer::Answer;
pub use items::server;
pub use signer::{ISSUER, Issuer, Signer, claims, claims_with, now};
pub use web::{Asked, Web};

use crate::client::{call, post};

/// By which URL clients reach the server.
pub const PUBLIC: &str = "https://mcp.example.com";
/// What tokens must be meant for.
pub const RESOURCE: &str = "https://mcp.example.com/mcp";
/// Where the metadata of the resource is.
pub const METADATA: &str = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
/// The scopes to ask for at first: those of every item that is not above anybody's tier.
pub const BASELINE: &str = "mcp:execute mcp:read mcp:write";

/// The settings of an endpoint whose callers `provider` identifies.
pub fn behind(provider: impl Authenticate) -> HttpConfig {
    HttpConfig { public_url: Some(PUBLIC.to_owned()), authenticator: Authenticator::Provider(Arc::new(provider)), ..HttpConfig::default() }
}

/// Listens on loopback for as long as the runtime lives.
///
/// # Panics
/// When there is no free port.
pub async fn listen(service: HttpService) -> SocketAddr {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), service).await.expect("there is a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(listener.serve(std::future::pending()));
    address
}

/// The server over HTTP and, by the same dispatcher and provider, over stdio.
#[derive(Debug)]
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    dispatcher: Dispatcher,
    authenticator: Authenticator,
    records: MemorySink,
}

impl Site {
    /// Listens, behind `provider`.
    pub async fn start(provider: impl Authenticate) -> Self {
        Self::with(behind(provider)).await
    }

    /// Listens with these settings.
    ///
    /// # Panics
    /// When they cannot be used.
    pub async fn with(config: HttpConfig) -> Self {
        let records = MemorySink::default();
        let server = server().audit(Arc::new(AuditLog::new(records.clone())));
        let dispatcher = server.into_dispatcher().expect("the server is sound");
        let authenticator = config.authenticator.clone();
        let address = listen(HttpService::new(dispatcher.clone(), config).expect("the configuration is usable")).await;
        Self { address, dispatcher, authenticator, records }
    }

    /// The audit records so far.
    pub fn records(&self) -> Vec<String> {
        self.records.lines()
    }

    /// Calls a tool over HTTP.
    pub async fn call(&self, token: Option<&str>, tool: &str) -> Answer {
        Answer::of(self.request(token, &call(Revision::LATEST, 1, tool, "{}"))).await
    }

    /// Calls a tool over HTTP and over stdio, which must agree: the same body, or a token that neither takes.
    ///
    /// # Panics
    /// When they do not.
    pub async fn call_everywhere(&self, token: &str, tool: &str) -> Answer {
        let frame = call(Revision::LATEST, 1, tool, "{}");
        let answer = Answer::of(self.request(Some(token), &frame)).await;
        match self.over_stdio(token, &frame).await {
            Ok(body) => assert_eq!(body, answer.body, "over stdio and over HTTP"),
            Err(AuthError::Unavailable { .. }) => assert_eq!(answer.status, 503, "{answer:?}"),
            Err(AuthError::NotAdmitted) => assert_eq!(answer.status, 403, "{answer:?}"),
            Err(error) => assert_eq!(answer.status, 401, "{error:?} {answer:?}"),
        }
        answer
    }

    /// A POST of one message.
    pub fn request(&self, token: Option<&str>, body: &str) -> Request {
        authorized(post(self.address, Revision::LATEST, None, body), token)
    }

    /// Has a message answered on a connection whose caller is whoever the token says, as over stdio.
    ///
    /// # Errors
    /// When the provider does not take the token: the process would not serve then.
    ///
    /// # Panics
    /// When there is no provider.
    pub async fn over_stdio(&self, token: &str, frame: &str) -> Result<String, AuthError> {
        let resource = Resource::parse(RESOURCE).expect("a URL");
        let sent = Sent(format!("Bearer {token}"));
        let principal = self.authenticator.authenticate(Credentials::new(&sent, None, &resource)).await?;
        let exchange = Exchange::on_connection(Connection::new(), principal, Transport::Stdio, Outlet::new());
        let reply = self.dispatcher.handle(Bytes::copy_from_slice(frame.as_bytes()), exchange).await;
        Ok(String::from_utf8(reply.body.to_vec()).expect("frames are text"))
    }
}

/// The same request with a token.
pub fn authorized(mut request: Request, token: Option<&str>) -> Request {
    request.headers.extend(token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
    request
}

/// The one header of `MCP_ACCESS_TOKEN`.
struct Sent(String);

impl Headers for Sent {
    fn get(&self, name: &str) -> Option<&[u8]> {
        (name == "authorization").then_some(self.0.as_bytes())
    }

    fn repeats(&self, _name: &str) -> bool {
        false
    }
}
