//! A JWT and the claims in it, as a client's assertion (RFC 7523).

use serde_json::{Map, Value};

use super::algorithm::JwsAlgorithm;
use super::compact::{Compact, Unverified, decode};
use super::header::Header;
use super::keys::{KeySet, Signature};

/// A JWT whose claims nothing vouches for until [`verify`](Self::verify) says so.
pub(crate) struct SignedJwt<'a> {
    compact: Compact<'a>,
    header: Header,
    algorithm: JwsAlgorithm,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

impl<'a> SignedJwt<'a> {
    /// Reads a JWT that is signed with a private key; `None` if it is none.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let compact = Compact::split(token)?;
        let header = Header::parse(compact.header).ok()?;
        let algorithm = JwsAlgorithm::parse(&header.alg)?;
        let signature = decode(compact.signature)?;
        let claims = Unverified::parse(compact.payload).ok()?.verified();
        Some(Self { compact, header, algorithm, signature, claims })
    }

    /// The claims.
    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, once the signature is verified.
    pub(crate) fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// A claim that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// How it is signed.
    pub(crate) fn algorithm(&self) -> JwsAlgorithm {
        self.algorithm
    }

    /// What it says it is.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Whether it says which key it is signed with.
    pub(crate) fn names_key(&self) -> bool {
        self.header.kid.is_some()
    }

    /// Whether one of these keys signed it.
    pub(crate) fn verify(&self, keys: &KeySet) -> Signature {
        keys.verify(self.compact, &self.header, self.algorithm, &self.signature)
    }
}
