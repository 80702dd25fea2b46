//! Key sets that no issuer should publish.

use mcp_auth::parse_jwks;
use serde_json::{Value, json};

use crate::Behaviour;
use crate::members::Members;

/// The bounds of a key set, in bytes and in keys.
const MAX_BYTES: usize = 256 * 1_024;
const MAX_KEYS: usize = 100;
/// Members that only private and shared keys have (RFC 7518, section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A key set is read if it is one and within bounds, each key by itself, and no secret one is kept.
///
/// The input is a key set, and once more a key of a set that has many.
pub fn key_sets(data: &[u8]) -> Behaviour {
    let behaviour = check(data);
    let Ok(key @ Value::Object(_)) = serde_json::from_slice::<Value>(data) else { return behaviour };
    let mut padded = data.to_vec();
    padded.resize(MAX_BYTES + 1, b' ');
    assert!(parse_jwks(&padded).is_err(), "a document larger than allowed is read");
    let many = [1, 2, MAX_KEYS, MAX_KEYS + 1][data.len() % 4];
    let set = json!({"keys": vec![key; many]}).to_string();
    behaviour.and(check(set.as_bytes()))
}

fn check(document: &[u8]) -> Behaviour {
    let keys = keys(document).filter(|_| document.len() <= MAX_BYTES);
    let read = parse_jwks(document);
    assert_eq!(read.is_ok(), keys.is_some(), "{}", document.escape_ascii());
    let (Ok(read), Some(keys)) = (&read, keys) else { return Behaviour::default().and(read.map_err(|why| why.to_string()).err()) };
    // It shows the names of the keys that it keeps, and nothing else of them.
    let kept: Vec<Option<String>> = keys.iter().filter(|key| is_kept(key)).map(name).collect();
    assert_eq!(format!("{read:?}"), format!("{kept:?}"));
    let kinds: Vec<String> = keys.iter().map(|key| format!("{} {}", key["kty"], key["crv"])).take(3).collect();
    Behaviour::default().and(kept.len().min(4)).and(kinds)
}

/// The keys of a document that is a key set and not too many.
fn keys(document: &[u8]) -> Option<Vec<Value>> {
    let members = Members::read(document)?;
    let keys = members.get("keys")?.as_array()?;
    (members.are_distinct() && keys.len() <= MAX_KEYS).then(|| keys.clone())
}

/// Whether a key by itself is kept, which no secret one may be.
fn is_kept(key: &Value) -> bool {
    let alone = parse_jwks(json!({"keys": [key]}).to_string().as_bytes()).expect("one key fits");
    let kept = format!("{alone:?}") != "[]";
    if kept {
        assert!(matches!(key["kty"].as_str(), Some("RSA" | "EC" | "OKP")), "a key of an unknown type is kept: {key}");
        assert!(PRIVATE.iter().all(|member| key.get(member).is_none()), "a secret key is kept: {key}");
        assert!(key.get("use").is_none_or(|purpose| purpose == "sig"), "a key for encryption is kept: {key}");
    }
    kept
}

fn name(key: &Value) -> Option<String> {
    key.get("kid").and_then(Value::as_str).map(str::to_owned)
}
