//! One published key (RFC 7517, section 4; RFC 7518, section 6; RFC 8037).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::{Map, Value};

use super::algorithm::JwsAlgorithm;
use super::compact::decode;

/// Members that only private and shared keys have. A key that is published with one is no secret any more.
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
/// The largest modulus, in bytes.
const MAX_MODULUS: usize = 1_024;

/// A public key, parsed once for each algorithm it can be used with.
pub(super) struct Key {
    pub(super) kid: Option<String>,
    uses: Vec<(JwsAlgorithm, ParsedPublicKey)>,
}

impl Key {
    /// Reads a key; `None` if it is not one that verifies signatures.
    pub(super) fn parse(jwk: &Value) -> Option<Self> {
        let jwk = jwk.as_object()?;
        let private = PRIVATE.iter().any(|member| jwk.contains_key(*member));
        let for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
        let verifies = jwk.get("key_ops").is_none_or(|ops| ops.as_array().is_some_and(|ops| ops.iter().any(|op| op == "verify")));
        if private || !for_signatures || !verifies {
            return None;
        }
        let kid = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str()?.to_owned()),
        };
        let only = match jwk.get("alg") {
            None => None,
            Some(alg) => Some(JwsAlgorithm::parse(alg.as_str()?)?),
        };
        let mut uses = match jwk.get("kty")?.as_str()? {
            "RSA" => rsa(jwk, only)?,
            "EC" => vec![elliptic(jwk)?],
            "OKP" => vec![edwards(jwk)?],
            _ => return None,
        };
        uses.retain(|(algorithm, _)| only.is_none_or(|only| only == *algorithm));
        (!uses.is_empty()).then_some(Self { kid, uses })
    }

    /// The key, as it is used with an algorithm.
    pub(super) fn of(&self, algorithm: JwsAlgorithm) -> Option<&ParsedPublicKey> {
        self.uses.iter().find(|(used, _)| *used == algorithm).map(|(_, key)| key)
    }
}

/// Whether a key is one that may be published: of a kind with a public and a private half, and without anything of the private one.
#[cfg(feature = "server")]
pub(crate) fn is_public(jwk: &Value) -> bool {
    let asymmetric = matches!(jwk.get("kty").and_then(Value::as_str), Some("RSA" | "EC" | "OKP"));
    asymmetric && PRIVATE.iter().all(|member| jwk.get(*member).is_none())
}

fn member(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    decode(jwk.get(name)?.as_str()?)
}

fn rsa(jwk: &Map<String, Value>, only: Option<JwsAlgorithm>) -> Option<Vec<(JwsAlgorithm, ParsedPublicKey)>> {
    let (n, e) = (member(jwk, "n")?, member(jwk, "e")?);
    // Some issuers write a zero before the first byte.
    let plain = |bytes: &[u8]| bytes.iter().position(|byte| *byte != 0).map(|first| bytes[first..].to_vec());
    let (n, e) = (plain(&n)?, plain(&e)?);
    if n.len() < 256 || n.len() > MAX_MODULUS || e.len() > 4 {
        return None;
    }
    let components = RsaPublicKeyComponents { n, e };
    let algorithms = JwsAlgorithm::RSA.into_iter().filter(|algorithm| only.is_none_or(|only| only == *algorithm));
    algorithms.map(|algorithm| Some((algorithm, components.to_parsed_public_key(algorithm.rsa()?).ok()?))).collect()
}

fn elliptic(jwk: &Map<String, Value>) -> Option<(JwsAlgorithm, ParsedPublicKey)> {
    let (x, y) = (member(jwk, "x")?, member(jwk, "y")?);
    let (algorithm, length) = match jwk.get("crv")?.as_str()? {
        "P-256" => (JwsAlgorithm::Es256, 32),
        "P-384" => (JwsAlgorithm::Es384, 48),
        _ => return None,
    };
    if x.len() != length || y.len() != length {
        return None;
    }
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    let parsed = match algorithm {
        JwsAlgorithm::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
        _ => ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point),
    };
    Some((algorithm, parsed.ok()?))
}

fn edwards(jwk: &Map<String, Value>) -> Option<(JwsAlgorithm, ParsedPublicKey)> {
    let x = member(jwk, "x")?;
    if jwk.get("crv")? != "Ed25519" || x.len() != 32 {
        return None;
    }
    Some((JwsAlgorithm::EdDsa, ParsedPublicKey::new(&ED25519, x).ok()?))
}
