//! The keys by which tokens are verified (RFC 7517).

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::check::{Check, Verdict};
use super::evidence::{Evidence, is_fit};
use super::profile::EVERYBODY;

pub(super) const CHECKS: &[Check] = &[Check {
    id: "keys.usable",
    what: "the key set at `jwks_uri` holds a key that tokens can be verified with",
    clients: EVERYBODY,
    why: "the server cannot verify a single token, so that everybody signs in and is refused",
    cure: "serve a JSON object with `keys` at `jwks_uri`, with at least one public key that has not ended, and let the server reach it; with \
           mcp-parity, `jwks_uri` in `[[auth.jwt]]` of mcp.toml, or `auth key rotate` for a new key of its own",
    source: "RFC 7517, section 5; RFC 8414, section 2",
    judge,
}];

fn judge(evidence: &Evidence) -> Verdict {
    let Some(url) = evidence.endpoint("jwks_uri") else { return Verdict::skip("there is no `jwks_uri`: tokens are not verified by keys") };
    if !is_fit(&url, &evidence.url) {
        return Verdict::Fail(format!("`jwks_uri` is `{url}`, which is not asked: it is not `https:`, or on this machine"));
    }
    let Some(seen) = &evidence.keys else { return Verdict::skip("it was not asked for") };
    let Some(document) = seen.object() else { return Verdict::Fail(seen.describe()) };
    let keys = document.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        return Verdict::Fail(format!("there are no keys at {url}"));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if keys.iter().any(is_private) {
        return Verdict::Fail(format!("a key at {url} is private: anybody can sign with it"));
    }
    let alive = |key: &&Value| key.get("exp").and_then(Value::as_u64).is_none_or(|end| end > now);
    let usable: Vec<&Value> = keys.iter().filter(|key| is_usable(key)).collect();
    match (usable.is_empty(), usable.iter().any(alive)) {
        (true, _) => Verdict::Fail(format!("no key at {url} is for signatures with a public key")),
        (false, false) => Verdict::Fail(format!("every key at {url} has ended")),
        (false, true) => Verdict::Pass,
    }
}

/// Whether the secret half of a key is there (RFC 7518, section 6).
fn is_private(key: &Value) -> bool {
    key.get("d").is_some() || (key.get("kty") == Some(&"oct".into()) && key.get("k").is_some())
}

fn is_usable(key: &Value) -> bool {
    let kind = key.get("kty").and_then(Value::as_str).unwrap_or_default();
    let signs = key.get("use").and_then(Value::as_str).is_none_or(|used| used == "sig");
    signs && matches!(kind, "RSA" | "EC" | "OKP")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::seen::Seen;
    use super::*;

    fn check(seen: Seen, expected: &str) {
        let url = "https://auth.example.com/jwks";
        let tried = vec![Seen::document(&json!({"jwks_uri": url}))];
        let evidence = Evidence { url: "https://mcp.example.com/mcp".to_owned(), tried, keys: Some(seen), ..Evidence::default() };
        let found = match judge(&evidence) {
            Verdict::Pass => "pass".to_owned(),
            Verdict::Fail(found) | Verdict::Skip(found) => found,
        };
        assert!(found.contains(expected), "{found}");
    }

    #[test]
    fn a_set_of_keys_has_one_that_can_be_used() {
        let key = |more: Value| {
            let mut key = json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y"});
            key.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            json!({"keys": [key]})
        };
        check(Seen::document(&key(json!({}))), "pass");
        check(Seen::document(&key(json!({"use": "sig", "exp": 99_999_999_999_u64}))), "pass");
        check(Seen::document(&key(json!({"exp": 1}))), "every key at https://auth.example.com/jwks has ended");
        check(Seen::document(&key(json!({"use": "enc"}))), "no key");
        check(Seen::document(&key(json!({"d": "x"}))), "private");
        check(Seen::document(&json!({"keys": []})), "there are no keys");
        check(Seen::document(&json!({})), "there are no keys");
        check(Seen::made_up(404, &[], ""), "answers 404");
        check(Seen::made_up(200, &[("content-type", "text/html")], "<!doctype html>"), "text/html");
    }
}
