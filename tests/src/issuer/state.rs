//! What an issuer knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mcp_testkit::{Asked, Document};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::grants::Granted;
use super::keys::Key;
use super::{encode, random};

/// How an issuer answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Up,
    /// With 503, whatever it is asked.
    Failing,
    /// With the head of an answer and nothing after it.
    Stalling,
}

/// What its access tokens are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Signed JSON Web Tokens (RFC 9068).
    Jwt,
    /// Five parts that only the issuer could read, as an encrypted token has them (RFC 7516).
    Opaque,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) held: watch::Sender<bool>,
    kind: TokenKind,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) asked: Vec<Asked>,
    pub(super) mood: Mood,
    pub(super) key: Arc<Key>,
    pub(super) keys_answer: Option<Document>,
    /// The redirect addresses of clients.
    pub(super) clients: HashMap<String, Vec<String>>,
    pub(super) codes: HashMap<String, Granted>,
    /// The claims of tokens.
    pub(super) tokens: HashMap<String, Value>,
}

impl State {
    pub(super) fn new(url: String, kind: TokenKind) -> Self {
        let inner = Inner {
            asked: Vec::new(),
            mood: Mood::Up,
            key: Arc::new(Key::new(&random(6))),
            keys_answer: None,
            clients: HashMap::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
        };
        Self { url, secret: random(24), held: watch::Sender::new(false), kind, inner: Mutex::new(inner) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The claims of an access token (RFC 9068, section 2.2).
    pub(super) fn claims(&self, subject: &str, audience: &str, client: &str, scope: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        json!({
            "iss": self.url,
            "sub": subject,
            "aud": audience,
            "client_id": client,
            "scope": scope,
            "iat": now,
            "exp": now + 3_600,
            "jti": random(12),
        })
    }

    /// A token with these claims, which is remembered.
    pub(super) fn issue(&self, claims: &Value) -> String {
        let mut inner = self.lock();
        let token = match self.kind {
            TokenKind::Jwt => inner.key.token(claims),
            TokenKind::Opaque => {
                let header = json!({ "alg": "dir", "enc": "A256GCM", "iss": self.url });
                // Whoever encrypts directly encrypts no key, and the second part is empty.
                format!("{}..{}.{}.{}", encode(header.to_string()), random(12), random(64), random(16))
            }
        };
        inner.tokens.insert(token.clone(), claims.clone());
        token
    }
}
