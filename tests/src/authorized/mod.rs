//! A server with the embedded authorization server beside it, on a real socket and a clock that tests move.

mod connected;
mod person;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use form_urlencoded::Serializer;
use mcp_auth::server::{AuthServer, AuthServerBuilder, Developer, DeveloperLogin, MasterKey};
use mcp_auth::{AuditLog, Authenticator, MemorySink};
use mcp_parity::http::{Beside, HttpConfig, HttpService, Listener};
use mcp_store::{Memory, Store};
use mcp_testkit::VirtualClock;
use mcp_testkit::http::Request;
use serde_json::Value;
use tokio::net::TcpListener;

pub use connected::{Client, Flow, Tokens, VERIFIER, challenge_of, parameters};
pub use person::{Person, decide};

use crate::protected::{Answer, server};

/// Where a client on this machine is led back to.
pub const LOOPBACK_CALLBACK: &str = "http://127.0.0.1:51234/callback";
/// Where a hosted client is led back to.
pub const HOSTED_CALLBACK: &str = "https://client.example/callback";

/// An MCP endpoint and its authorization server.
#[derive(Debug)]
pub struct Authorized {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its issuer and public URL.
    pub url: String,
    /// Its time.
    pub clock: VirtualClock,
    /// The server itself.
    pub auth: AuthServer,
    records: MemorySink,
}

impl Authorized {
    /// Starts one in memory, where developers sign in.
    pub async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    /// Starts one in memory, which `settle` changes.
    pub async fn with(settle: impl FnOnce(AuthServerBuilder) -> AuthServerBuilder) -> Self {
        // The endpoint has no clock but the system's, and both have to agree on what has expired.
        let clock = VirtualClock::new();
        clock.set(SystemTime::now());
        Self::on(Arc::new(Memory::new()), MasterKey::generate(), clock, settle).await
    }

    /// Starts one on a store that was there before.
    ///
    /// # Panics
    /// When it cannot start.
    pub async fn on(
        store: Arc<dyn Store>,
        key: MasterKey,
        clock: VirtualClock,
        settle: impl FnOnce(AuthServerBuilder) -> AuthServerBuilder,
    ) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        Self::at(socket, store, key, clock, settle).await
    }

    /// Starts one on a socket that is bound already.
    ///
    /// # Panics
    /// When it cannot start.
    pub async fn at(
        socket: TcpListener,
        store: Arc<dyn Store>,
        key: MasterKey,
        clock: VirtualClock,
        settle: impl FnOnce(AuthServerBuilder) -> AuthServerBuilder,
    ) -> Self {
        let url = format!("http://{}", socket.local_addr().expect("a bound socket has an address"));
        Self::serve(socket, url, store, key, clock, |builder| settle(builder.login(developers()))).await
    }

    /// Starts one in memory that people reach at `url`, as behind a proxy that ends TLS. Nobody can sign in unless `settle` adds a way to.
    ///
    /// # Panics
    /// When it cannot start.
    pub async fn hosted(url: &str, settle: impl FnOnce(AuthServerBuilder) -> AuthServerBuilder) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let clock = VirtualClock::new();
        clock.set(SystemTime::now());
        Self::serve(socket, url.to_owned(), Arc::new(Memory::new()), MasterKey::generate(), clock, settle).await
    }

    async fn serve(
        socket: TcpListener,
        url: String,
        store: Arc<dyn Store>,
        key: MasterKey,
        clock: VirtualClock,
        settle: impl FnOnce(AuthServerBuilder) -> AuthServerBuilder,
    ) -> Self {
        let address = socket.local_addr().expect("a bound socket has an address");
        let records = MemorySink::default();
        let log = Arc::new(AuditLog::new(records.clone()));
        let server = server().audit(log.clone());
        let config = HttpConfig { public_url: Some(url.clone()), ..HttpConfig::default() };
        let builder = AuthServer::builder(&url).shared_store(store).key(key).clock(clock.clock()).catalog(server.registry()).audit(log);
        let builder = config.sse_urls().into_iter().fold(builder, AuthServerBuilder::alias);
        let auth = settle(builder).build().expect("it can start");
        let config = HttpConfig {
            authenticator: Authenticator::Provider(Arc::new(auth.clone())),
            site: Beside::site(auth.clone()),
            baseline_scopes: Some(auth.baseline_scopes()),
            second_factor_scope: Some(auth.second_factor_scope().to_owned()),
            ..config
        };
        let dispatcher = server.audit(auth.usage()).into_dispatcher().expect("the server is sound");
        let listener = Listener::on(socket, HttpService::new(dispatcher, config).expect("the configuration is usable"));
        tokio::spawn(listener.serve(std::future::pending()));
        Self { address, url, clock, auth, records }
    }

    /// The audit records so far.
    pub fn records(&self) -> Vec<String> {
        self.records.lines()
    }

    /// Whether something was recorded with an operation and a verdict, or the reason of a refusal.
    pub fn recorded(&self, operation: &str, verdict: &str) -> bool {
        let lines = self.records();
        let mut lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.any(|line| line["operation"] == operation && (line["verdict"] == verdict || line["reason"] == verdict))
    }

    /// Sends a request.
    pub async fn send(&self, method: &'static str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer::of(Request { address: self.address, method, path: path.to_owned(), headers, body: Bytes::copy_from_slice(body.as_bytes()) })
            .await
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// Sends a form, as clients do.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[]).await
    }

    /// Sends a form with further headers.
    pub async fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [&[("Content-Type", "application/x-www-form-urlencoded")], headers].concat();
        self.send("POST", path, &headers, &form).await
    }

    /// Registers a client (RFC 7591).
    pub async fn register(&self, metadata: &Value) -> Answer {
        self.send("POST", "/register", &[("Content-Type", "application/json")], &metadata.to_string()).await
    }
}

/// Two developers to choose from.
fn developers() -> DeveloperLogin {
    DeveloperLogin::new([Developer::new("ann").email("ann@example.com").group("staff"), Developer::new("bob").email("bob@example.com")])
}
