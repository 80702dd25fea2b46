//! Keys that the operator hands out.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_core::Principal;

use crate::digest::{Sha256, from_hex, sha256, to_hex};
use crate::{AuthError, Bearer, Clock, Resource, VerifyToken};

/// Knows the keys that the operator hands out, as `<prefix>_<random>`, to be sent as bearer tokens.
///
/// Only SHA-256 digests are kept. A key has 256 random bits, so nothing slower is needed, and it is looked
/// up by its digest: how long that takes tells a guesser about the digest of the guess, which nobody can
/// steer towards that of a key.
///
/// A key is good until its principal's [expiry](Principal::with_expiry), if it has one. Tokens without the
/// prefix are [not its own](AuthError::NotMine).
///
/// ```
/// use mcp_auth::{ApiKeys, Principal, ScopeSet};
///
/// let key = ApiKeys::generate("mcpk"); // shown once to whoever gets it
/// let hash = ApiKeys::hash(&key); // kept in the configuration
/// let keys = ApiKeys::new("mcpk").key_hash(&hash, Principal::new("ci").with_scopes(ScopeSet::parse("read")))?;
/// # Ok::<(), mcp_auth::NotAKeyHash>(())
/// ```
#[derive(Clone)]
pub struct ApiKeys {
    /// With the underscore.
    prefix: String,
    keys: HashMap<Sha256, Principal>,
    clock: Clock,
}

/// Why a text is not the hash of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAKeyHash;

impl fmt::Display for NotAKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the hash of a key is 64 hexadecimal digits")
    }
}

impl std::error::Error for NotAKeyHash {}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys").field("prefix", &self.prefix).field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

impl ApiKeys {
    /// No keys yet; those that are added begin with `prefix` and an underscore.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self { prefix: format!("{prefix}_"), keys: HashMap::new(), clock: Clock::default() }
    }

    /// Adds the key with this [hash](Self::hash), and who uses it.
    ///
    /// # Errors
    /// When it is not 64 hexadecimal digits.
    pub fn key_hash(self, hash: &str, principal: Principal) -> Result<Self, NotAKeyHash> {
        Ok(self.key_digest(from_hex(hash).ok_or(NotAKeyHash)?, principal))
    }

    /// Adds the key with this SHA-256 digest, and who uses it.
    #[must_use]
    pub fn key_digest(mut self, digest: [u8; 32], principal: Principal) -> Self {
        self.keys.insert(digest, principal);
        self
    }

    /// Adds a key, and who uses it. For tests: elsewhere, keep only the hash of a key.
    #[must_use]
    pub fn key(self, key: &str, principal: Principal) -> Self {
        self.key_digest(sha256(&[key.as_bytes()]), principal)
    }

    /// Replaces the clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// What is kept of a key: its SHA-256 digest in hexadecimal digits.
    #[must_use]
    pub fn hash(key: &str) -> String {
        to_hex(&sha256(&[key.as_bytes()]))
    }

    /// A new key with 256 random bits.
    ///
    /// # Panics
    /// When the system has no random numbers to give.
    #[must_use]
    pub fn generate(prefix: &str) -> String {
        let mut random = [0; 32];
        rand::fill(&mut random).expect("the system gives random numbers");
        format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(random))
    }
}

#[async_trait]
impl VerifyToken for ApiKeys {
    async fn verify(&self, token: Bearer<'_>, _resource: &Resource) -> Result<Principal, AuthError> {
        if !token.expose().starts_with(&self.prefix) {
            return Err(AuthError::NotMine);
        }
        let principal = self.keys.get(&sha256(&[token.expose().as_bytes()])).ok_or(AuthError::invalid("the key is unknown"))?;
        match principal.expires_at() {
            Some(expiry) if expiry <= self.clock.now() => Err(AuthError::invalid("the key has expired")),
            _ => Ok(principal.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::fakes::clock;

    #[tokio::test]
    async fn a_key_is_looked_up_by_its_hash() {
        let (_, clock) = clock(1_000);
        let until = |seconds| Principal::new("brief").with_expiry(UNIX_EPOCH + Duration::from_secs(seconds));
        let keys = ApiKeys::new("mcpk").clock(clock).key("mcpk_one", Principal::new("one"));
        let keys = keys.key("mcpk_fresh", until(1_001)).key("mcpk_stale", until(1_000));
        let keys = keys.key_hash(&ApiKeys::hash("mcpk_two"), Principal::new("two")).expect("a hash");
        let resource = Resource::parse("http://localhost/mcp").expect("a URL");
        for (token, verdict) in [
            ("mcpk_one", Ok("one")),
            ("mcpk_two", Ok("two")),
            ("mcpk_fresh", Ok("brief")),
            ("mcpk_stale", Err(AuthError::invalid("the key has expired"))),
            ("mcpk_ONE", Err(AuthError::invalid("the key is unknown"))),
            ("mcpk_", Err(AuthError::invalid("the key is unknown"))),
            ("mcpk", Err(AuthError::NotMine)),
            ("mcpk2_one", Err(AuthError::NotMine)),
            ("MCPK_one", Err(AuthError::NotMine)),
        ] {
            let found = keys.verify(Bearer::parse(token).expect("a token"), &resource).await;
            assert_eq!(found.as_ref().map(|principal| principal.subject().unwrap_or_default()), verdict.as_ref().copied(), "{token}");
        }
    }

    #[test]
    fn keys_are_tokens_and_never_the_same() {
        let (one, two) = (ApiKeys::generate("mcpk"), ApiKeys::generate("mcpk"));
        assert_ne!(one, two);
        assert_eq!(one.len(), "mcpk_".len() + 43);
        assert!(one.starts_with("mcpk_") && Bearer::parse(&one).is_ok());
    }

    #[test]
    fn only_hashes_are_hashes_and_nothing_secret_is_shown() {
        for text in ["", "abc", "mcpk_one"] {
            assert_eq!(ApiKeys::new("mcpk").key_hash(text, Principal::anonymous()).err(), Some(NotAKeyHash), "{text}");
        }
        let shown = format!("{:?}", ApiKeys::new("mcpk").key("mcpk_one", Principal::new("one")));
        assert!(!shown.contains("mcpk_one") && !shown.contains(&ApiKeys::hash("mcpk_one")), "{shown}");
    }
}
