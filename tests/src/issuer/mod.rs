//! An authorization server for tests: it speaks the real protocol over a real socket, and does what it is told.

mod grants;
mod keys;
mod login;
mod routes;
mod state;
mod text;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use mcp_auth::{ClientAuth, Fetch, FetchPolicy, GuardedFetcher};
use mcp_testkit::{Asked, Document};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use keys::Key;
pub use login::{Client, Code};
pub use state::{Mood, TokenKind};
pub use text::{encode, random};

use state::State;

/// The client id by which this server asks at `/introspect`.
pub const RESOURCE_SERVER: &str = "resource-server";

/// An authorization server on loopback.
#[derive(Debug)]
pub struct Issuer {
    state: Arc<State>,
    address: SocketAddr,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Issuer {
    /// Starts one that issues signed tokens.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        Self::issuing(TokenKind::Jwt).await
    }

    /// Starts one that issues tokens of a kind.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn issuing(kind: TokenKind) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State::new(format!("http://{address}"), kind));
        let serving = tokio::spawn(wire::serve(socket, Arc::clone(&state)));
        Self { state, address, serving: Mutex::new(Some(serving)) }
    }

    /// Its identifier.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An absolute URL at this issuer.
    ///
    /// # Panics
    /// When the path is none.
    pub fn at(&self, path: &str) -> http::Uri {
        format!("{}{path}", self.url()).parse().expect("a URL")
    }

    /// Something that may ask it.
    ///
    /// # Panics
    /// When no HTTP client can be built.
    pub fn fetcher() -> Arc<dyn Fetch> {
        Self::fetcher_with(FetchPolicy::default())
    }

    /// The same, with other limits.
    ///
    /// # Panics
    /// When no HTTP client can be built.
    pub fn fetcher_with(policy: FetchPolicy) -> Arc<dyn Fetch> {
        Arc::new(GuardedFetcher::new(FetchPolicy { allow_loopback_http: true, ..policy }).expect("an HTTP client"))
    }

    /// The secret of [`RESOURCE_SERVER`].
    pub fn secret(&self) -> &str {
        &self.state.secret
    }

    /// How [`RESOURCE_SERVER`] identifies itself.
    pub fn client_auth(&self) -> ClientAuth {
        ClientAuth::basic(RESOURCE_SERVER, self.secret())
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.asked().iter().filter(|asked| asked.path == path).count()
    }

    /// Everything it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().asked.clone()
    }

    /// Sets how it answers from now on.
    pub fn is(&self, mood: Mood) {
        self.state.lock().mood = mood;
    }

    /// Lets every answer wait until [`release`](Self::release).
    pub fn hold(&self) {
        self.state.held.send_replace(true);
    }

    /// Lets the answers go that waited.
    pub fn release(&self) {
        self.state.held.send_replace(false);
    }

    /// Stops listening: connections are refused.
    pub async fn vanish(&self) {
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(serving) = serving {
            serving.abort();
            // The socket is closed once the task has ended.
            let _ = serving.await;
        }
    }

    /// Listens again, where it did before.
    ///
    /// # Panics
    /// When somebody else has taken the port.
    pub async fn reappear(&self) {
        let socket = TcpListener::bind(self.address).await.expect("the port is still free");
        let serving = tokio::spawn(wire::serve(socket, Arc::clone(&self.state)));
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
    }

    /// Answers the request for its keys with this.
    pub fn publish(&self, answer: Document) {
        self.state.lock().keys_answer = Some(answer);
    }

    /// Answers the request for its keys with these.
    pub fn publish_keys(&self, keys: &[Value]) {
        self.publish(Document::json(&json!({ "keys": keys })));
    }

    /// The key that signs now.
    pub fn key(&self) -> Arc<Key> {
        Arc::clone(&self.state.lock().key)
    }

    /// Signs with a new key from now on, and publishes that alone.
    pub fn rotate_key(&self) {
        let mut inner = self.state.lock();
        inner.key = Arc::new(Key::new(&random(6)));
        inner.keys_answer = None;
    }

    /// What it says of a user in a token for `audience`.
    pub fn claims(&self, subject: &str, audience: &str) -> Value {
        self.state.claims(subject, audience, "client", "")
    }

    /// A token with these claims, as if somebody had signed in.
    pub fn token(&self, claims: &Value) -> String {
        self.state.issue(claims)
    }

    /// Has it deny a token from now on.
    pub fn revoke(&self, token: &str) {
        self.state.lock().tokens.remove(token);
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            serving.abort();
        }
    }
}
