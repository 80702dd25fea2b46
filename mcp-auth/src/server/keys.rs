//! The keys that sign access tokens: made, published, used and withdrawn by themselves.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_store::{Index, Kind, Page, StoreError, When};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::db::{Db, Owners, Row};
use crate::digest::sha256;

/// How long others may keep the published keys; a new one signs no earlier.
pub(crate) const PUBLISHED_FOR: Duration = Duration::from_secs(300);
/// How long before it signs a key is published.
const LEAD: Duration = Duration::from_secs(2 * 300);
/// How often the keys are looked for in the store, where another instance may have made one.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// The most keys there ever are.
const MAX_KEYS: usize = 32;

/// A signing key as it is kept.
#[derive(Serialize, Deserialize)]
struct KeyRow {
    /// PKCS #8, in base64url.
    private: String,
    /// From when on it signs, in seconds since 1970.
    signs_from: u64,
}

impl Row for KeyRow {
    const KIND: Kind = Kind::from_static("key");
}

/// A key that can sign.
struct Signer {
    kid: String,
    /// How its tokens begin: their header, and the point behind it.
    header: String,
    pair: EcdsaKeyPair,
    jwk: Value,
    signs_from: u64,
}

/// The keys of this moment, newest first.
struct Ring {
    keys: Vec<Signer>,
    /// When they were read, in seconds since 1970.
    read: u64,
}

/// The keys that sign access tokens (ES256; RFC 7518, section 3.4).
///
/// The newest whose time has come signs. The next one is published ten minutes before it signs, and the last one for as long as
/// tokens live that it signed. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Keys {
    db: Db,
    /// How long a key signs.
    rotate_every: Duration,
    /// How long what it signed is good.
    token_life: Duration,
    ring: Arc<RwLock<Option<Arc<Ring>>>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    pub(crate) fn new(db: Db, rotate_every: Duration, token_life: Duration) -> Self {
        Self { db, rotate_every, token_life, ring: Arc::default() }
    }

    /// Signs what an access token says, as a JWT (RFC 7515, section 3.1; RFC 9068, section 2.1).
    pub(crate) async fn sign(&self, claims: &impl Serialize) -> Result<String, StoreError> {
        let ring = self.ring().await?;
        let now = self.db.seconds();
        let signer = ring.keys.iter().find(|key| key.signs_from <= now).or(ring.keys.last());
        let signer = signer.ok_or_else(|| StoreError::Corrupt("there is no signing key".to_owned()))?;
        let mut token = signer.header.clone();
        let claims = serde_json::to_vec(claims).expect("claims are plain data");
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = signer.pair.sign(&SystemRandom::new(), token.as_bytes()).expect("the operating system has randomness");
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The public keys, as they are published (RFC 7517, section 5).
    pub(crate) async fn published(&self) -> Result<Value, StoreError> {
        let ring = self.ring().await?;
        let now = self.db.seconds();
        let keys: Vec<&Value> =
            ring.keys.iter().enumerate().filter(|(at, _)| !self.is_gone(&ring, *at, now)).map(|(_, key)| &key.jwk).collect();
        Ok(json!({"keys": keys}))
    }

    /// Makes a new key, which signs in ten minutes, or at once: then tokens of the old ones are no longer taken.
    pub(crate) async fn rotate(&self, at_once: bool) -> Result<String, StoreError> {
        let now = self.db.seconds();
        // Unopened, so that one that cannot be read goes too.
        let old = if at_once { self.db.ids(Index::Kind(KeyRow::KIND), Page::first(MAX_KEYS)).await? } else { Vec::new() };
        let kid = self.make(if at_once { now } else { now + LEAD.as_secs() }).await?;
        let removals = old.iter().map(|record| self.db.remove::<KeyRow>(&record.key.id, When::Any)).collect();
        self.db.apply(removals).await?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(kid)
    }

    /// Whether nothing is good any more that a key signed: its successor has been signing for as long as tokens live.
    fn is_gone(&self, ring: &Ring, at: usize, now: u64) -> bool {
        let successor = at.checked_sub(1).map(|newer| ring.keys[newer].signs_from);
        // Verifiers allow clocks to differ by a minute.
        successor.is_some_and(|from| from + self.token_life.as_secs() + 60 < now)
    }

    async fn ring(&self) -> Result<Arc<Ring>, StoreError> {
        let now = self.db.seconds();
        let known = self.ring.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ring) = known
            && ring.read <= now
            && now < ring.read + LOOK_AGAIN.as_secs()
        {
            return Ok(ring);
        }
        let mut keys = self.read().await?;
        if keys.is_empty() {
            self.make(now).await?;
            keys = self.read().await?;
        } else if keys[0].signs_from + self.rotate_every.as_secs() <= now + LEAD.as_secs() && keys[0].signs_from <= now {
            self.make(now + LEAD.as_secs()).await?;
            keys = self.read().await?;
        }
        let ring = Arc::new(Ring { keys, read: now });
        let gone = (0..ring.keys.len()).filter(|at| self.is_gone(&ring, *at, now));
        let removals: Vec<_> = gone.map(|at| self.db.remove::<KeyRow>(&ring.keys[at].kid, When::Any)).collect();
        if !removals.is_empty() {
            self.db.apply(removals).await?;
        }
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&ring));
        Ok(ring)
    }

    async fn read(&self) -> Result<Vec<Signer>, StoreError> {
        let rows = self.db.list::<KeyRow>(Index::Kind(KeyRow::KIND), MAX_KEYS).await?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            let signer = Signer::read(row.id, &row.value).ok_or_else(|| StoreError::Corrupt("a signing key cannot be read".to_owned()))?;
            keys.push(signer);
        }
        keys.sort_by(|one, other| (other.signs_from, &other.kid).cmp(&(one.signs_from, &one.kid)));
        Ok(keys)
    }

    async fn make(&self, signs_from: u64) -> Result<String, StoreError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("the operating system has randomness");
        let document = pair.to_pkcs8v1().expect("a key that was made can be written");
        let row = KeyRow { private: URL_SAFE_NO_PAD.encode(document.as_ref()), signs_from };
        let kid = thumbprint(&pair);
        self.db.apply(vec![self.db.put(&kid, &row, Owners::default(), When::Any)]).await?;
        Ok(kid)
    }
}

impl Signer {
    fn read(kid: String, row: &KeyRow) -> Option<Self> {
        let document = URL_SAFE_NO_PAD.decode(&row.private).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document).ok()?;
        let (x, y) = coordinates(&pair);
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": "ES256"});
        let header = json!({"typ": "at+jwt", "alg": "ES256", "kid": kid});
        let header = format!("{}.", URL_SAFE_NO_PAD.encode(header.to_string()));
        Some(Self { kid, header, pair, jwk, signs_from: row.signs_from })
    }
}

fn coordinates(pair: &EcdsaKeyPair) -> (String, String) {
    // An uncompressed point: 4, then both coordinates.
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
}

/// The name of a key: its thumbprint (RFC 7638).
fn thumbprint(pair: &EcdsaKeyPair) -> String {
    let (x, y) = coordinates(pair);
    URL_SAFE_NO_PAD.encode(sha256(&[format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes()]))
}
