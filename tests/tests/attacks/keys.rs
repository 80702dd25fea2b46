//! Names of keys that lead nowhere, or to several keys; and keys that were withdrawn.

use mcp_tests::issuer::Key;
use serde_json::{Value, json};

use super::bench::{Bench, RESOURCE};

const SIGNATURE: &str = "the signature of the token does not verify";

#[tokio::test]
async fn attack_tokens_kid() {
    let (bench, hand) = Bench::jwt().await;
    let (key, claims) = (bench.issuer.key(), bench.issuer.claims("ann", RESOURCE));
    bench.taken("known", &key.token(&claims)).await;
    hand.turn(30);
    let named = |kid: &str| key.sign(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }).to_string(), &claims.to_string());
    let long = "k".repeat(5_000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "a\0b", "", "http://127.0.0.1/", &long] {
        bench.refused(kid, &named(kid), SIGNATURE).await;
    }
    bench.refused("10 kB", &named(&"k".repeat(10_000)), "the token is too long").await;
    for kid in [json!({ "a": 1 }), json!(7), json!(null), json!(["a"])] {
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }).to_string();
        bench.refused("no text", &key.sign(&header, &claims.to_string()), "the header of the token is malformed").await;
    }
    for number in 0..1_000 {
        assert!(bench.verdict(&named(&format!("kid-{number}"))).await.is_err());
    }
    assert_eq!(bench.issuer.count("/jwks"), 2, "once at first, and once in a cool-down");
    hand.turn(30);
    bench.refused("after a cool-down", &named("unknown"), SIGNATURE).await;
    assert_eq!(bench.issuer.count("/jwks"), 3);
    bench.end();
}

#[tokio::test]
async fn attack_tokens_duplicate_kid() {
    for (name, decoys, taken) in [("four of a kind before it", 4, true), ("five of a kind before it", 5, false)] {
        let (bench, _) = Bench::jwt().await;
        let key = bench.issuer.key();
        let mut keys: Vec<Value> = (0..decoys).map(|_| Key::new(key.kid()).jwk()).collect();
        // What cannot verify this algorithm is not tried at all.
        keys.insert(0, json!({ "kty": "oct", "kid": key.kid(), "k": "AAAA" }));
        keys.insert(1, json!({ "kty": "OKP", "crv": "X25519", "kid": key.kid(), "x": "AAAA" }));
        keys.push(key.jwk());
        bench.issuer.publish_keys(&keys);
        let token = key.token(&bench.issuer.claims("ann", RESOURCE));
        match taken {
            true => bench.taken(name, &token).await,
            false => bench.refused(name, &token, SIGNATURE).await,
        }
        bench.end();
    }
}

#[tokio::test]
async fn attack_tokens_withdrawn_key() {
    let (bench, hand) = Bench::jwt().await;
    let claims = bench.issuer.claims("ann", RESOURCE);
    let stolen = bench.issuer.key();
    bench.taken("while it is published", &stolen.token(&claims)).await;
    bench.issuer.rotate_key();
    bench.refused("a new key, in the cool-down", &bench.issuer.token(&claims), SIGNATURE).await;
    hand.turn(30);
    bench.taken("a new key", &bench.issuer.token(&claims)).await;
    bench.refused("the withdrawn key", &stolen.token(&claims), SIGNATURE).await;
    bench.end();
}
