//! What an identity provider knows.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_parity::auth::Clock;

use super::User;
use super::grants::Grant;
use super::id_token::Key;
use crate::loopback::lock;

/// Something that an identity provider must not do, and that its clients have to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// ID tokens hold another nonce than was asked for.
    WrongNonce,
    /// ID tokens hold no nonce.
    NoNonce,
    /// ID tokens are for another client.
    WrongAudience,
    /// ID tokens are for this client and another, and the other is who they were issued to.
    OtherAuthorizedParty,
    /// ID tokens name another issuer.
    WrongIssuer,
    /// ID tokens expired an hour ago.
    Expired,
    /// ID tokens are not signed, and say so.
    AlgNone,
    /// ID tokens are signed with a key that is not published.
    UnknownKey,
    /// There is no ID token.
    NoIdToken,
    /// Userinfo is about another user than the ID token.
    OtherSubjectAtUserinfo,
    /// Users come back with another issuer's name (RFC 9207).
    WrongIssParameter,
    /// Users come back with another state than they were sent with.
    WrongState,
    /// Every request is answered with 503.
    Unavailable,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) url: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) user: Option<User>,
    pub(super) denies: bool,
    pub(super) wrong: Vec<Misbehaviour>,
    pub(super) redirects: Vec<String>,
    pub(super) clock: Clock,
    pub(super) key: Key,
    pub(super) codes: HashMap<String, Grant>,
    /// By access token.
    pub(super) tokens: HashMap<String, Grant>,
}

impl State {
    pub(super) fn new(url: &str) -> Self {
        let inner = Inner {
            user: Some(User::new("ann")),
            denies: false,
            wrong: Vec::new(),
            redirects: Vec::new(),
            clock: Clock::default(),
            key: Key::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
        };
        Self { url: url.to_owned(), client_id: random(8), client_secret: random(24), inner: Mutex::new(inner) }
    }

    pub(super) fn does(&self, wrong: Misbehaviour) -> bool {
        lock(&self.inner).wrong.contains(&wrong)
    }

    /// The time in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        lock(&self.inner).clock.unix_seconds()
    }
}

/// How long a code can be redeemed.
pub(super) const CODE_LIFE: Duration = Duration::from_secs(60);

/// A text of so many random octets.
pub(super) fn random(octets: usize) -> String {
    let mut bytes = vec![0; octets];
    rand::fill(&mut bytes).expect("the operating system has randomness");
    encode(bytes)
}

/// Base64url without padding.
pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
