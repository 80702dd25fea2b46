//! The keys that an issuer publishes (RFC 7517, section 5).

use std::fmt;

use super::algorithm::JwsAlgorithm;
use super::compact::Compact;
use super::header::Header;
use super::json::object;
use super::jwk::Key;

/// The largest key set that is read, in bytes.
const MAX_BYTES: usize = 256 * 1_024;
/// The most keys in a set.
const MAX_KEYS: usize = 100;
/// The most keys that are tried for one token.
const MAX_TRIES: usize = 5;

/// The usable keys of an issuer.
pub struct KeySet {
    keys: Vec<Key>,
}

/// Why a document is not a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKeySet(&'static str);

/// What a key set says of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// One of the keys made it.
    Good,
    /// There are keys it could be of, and none of them made it.
    Bad,
    /// There is no key it could be of.
    NoKey,
}

impl fmt::Display for NotAKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NotAKeySet {}

impl fmt::Debug for KeySet {
    /// Shows names of keys and nothing else of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.kid)).finish()
    }
}

impl KeySet {
    /// Verifies the signature of a token. A `kid` is compared and nothing else.
    pub(super) fn verify(&self, token: Compact<'_>, header: &Header, algorithm: JwsAlgorithm, signature: &[u8]) -> Signature {
        let named = |key: &&Key| header.kid.is_none() || key.kid == header.kid;
        let mut candidates = self.keys.iter().filter(named).filter_map(|key| key.of(algorithm)).take(MAX_TRIES).peekable();
        if candidates.peek().is_none() {
            return Signature::NoKey;
        }
        let good = candidates.any(|key| key.verify_sig(token.signed.as_bytes(), signature).is_ok());
        if good { Signature::Good } else { Signature::Bad }
    }
}

/// Reads a key set. Keys that verify no signature are left out: private and shared ones, ones for
/// encryption, and ones of unknown kinds.
///
/// # Errors
/// When it is not a key set, or too large.
pub fn parse_jwks(bytes: &[u8]) -> Result<KeySet, NotAKeySet> {
    if bytes.len() > MAX_BYTES {
        return Err(NotAKeySet("the key set is larger than 256 KiB"));
    }
    let document = object(bytes).map_err(|_| NotAKeySet("the key set is malformed"))?;
    let keys = document.get("keys").and_then(|keys| keys.as_array()).ok_or(NotAKeySet("the key set has no keys"))?;
    if keys.len() > MAX_KEYS {
        return Err(NotAKeySet("the key set has more than 100 keys"));
    }
    Ok(KeySet { keys: keys.iter().filter_map(Key::parse).collect() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jwt::testing::Signer;

    fn changed(mut jwk: Value, name: &str, value: Value) -> Value {
        jwk[name] = value;
        jwk
    }

    #[track_caller]
    fn check(name: &str, jwk: &Value, usable: bool) {
        let set = parse_jwks(json!({ "keys": [jwk] }).to_string().as_bytes()).expect("a key set");
        assert_eq!(set.keys.len(), usize::from(usable), "{name}");
    }

    #[test]
    fn only_keys_that_verify_signatures_are_kept() {
        let signers = [Signer::rsa(JwsAlgorithm::Rs256), Signer::es256(), Signer::es384(), Signer::ed25519()];
        let [rsa, ec, _, ed] = signers.map(|signer| {
            let jwk = signer.jwk("a");
            check("as it is", &jwk, true);
            check("with use", &changed(jwk.clone(), "use", json!("sig")), true);
            check("with key_ops", &changed(jwk.clone(), "key_ops", json!(["verify"])), true);
            check("for encryption", &changed(jwk.clone(), "use", json!("enc")), false);
            check("for signing", &changed(jwk.clone(), "key_ops", json!(["sign"])), false);
            check("without operations", &changed(jwk.clone(), "key_ops", json!([])), false);
            check("private", &changed(jwk.clone(), "d", json!("AQAB")), false);
            check("of another type", &changed(jwk.clone(), "kty", json!("oct")), false);
            check("for HMAC", &changed(jwk.clone(), "alg", json!("HS256")), false);
            check("for nothing", &changed(jwk.clone(), "alg", json!("none")), false);
            check("with a number as name", &changed(jwk.clone(), "kid", json!(7)), false);
            jwk
        });
        check("a shared secret", &json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "a" }), false);
        check("a prime too many", &changed(rsa.clone(), "p", json!("AQAB")), false);
        check("RSA for ECDSA", &changed(rsa.clone(), "alg", json!("ES256")), false);
        check("RSA that is short", &changed(rsa.clone(), "n", json!("AQAB")), false);
        check("RSA that is huge", &changed(rsa.clone(), "n", json!("_".repeat(8_000))), false);
        check("RSA without exponent", &changed(rsa, "e", json!("")), false);
        check("ECDSA for EdDSA", &changed(ec.clone(), "alg", json!("EdDSA")), false);
        check("another curve", &changed(ec.clone(), "crv", json!("P-384")), false);
        check("an unknown curve", &changed(ec.clone(), "crv", json!("secp256k1")), false);
        check("a point off the curve", &changed(ec.clone(), "x", ec["y"].clone()), false);
        check("a short coordinate", &changed(ec, "x", json!("AQAB")), false);
        check("X25519", &changed(ed, "crv", json!("X25519")), false);
        check("null", &Value::Null, false);
    }

    #[test]
    fn key_sets_are_bounded() {
        let many = |count: usize| json!({ "keys": vec![json!({}); count] }).to_string();
        for (name, document, valid) in [
            ("no keys", r#"{"keys":[]}"#.to_owned(), true),
            ("a hundred", many(100), true),
            ("more", many(101), false),
            ("large", format!("{{\"keys\":[]{}}}", " ".repeat(MAX_BYTES)), false),
            ("not an array", r#"{"keys":{}}"#.to_owned(), false),
            ("keys twice", r#"{"keys":[],"keys":[]}"#.to_owned(), false),
            ("nothing", "{}".to_owned(), false),
            ("a page", "<html>".to_owned(), false),
        ] {
            assert_eq!(parse_jwks(document.as_bytes()).is_ok(), valid, "{name}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let jwk = Signer::es256().jwk("name");
        let set = parse_jwks(json!({ "keys": [jwk] }).to_string().as_bytes()).expect("a key set");
        assert_eq!(format!("{set:?}"), r#"[Some("name")]"#);
    }
}
