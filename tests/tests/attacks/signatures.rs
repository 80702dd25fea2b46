//! Tokens whose signature is none, or is somebody else's.

use aws_lc_rs::hmac;
use mcp_auth::{JwtIssuer, JwtVerifier};
use mcp_tests::issuer::{Issuer, Key, encode};
use serde_json::json;

use super::bench::{Bench, RESOURCE, verifier};
use super::clock::Hand;

const ALGORITHM: &str = "the algorithm of the token is not allowed";
const SIGNATURE: &str = "the signature of the token does not verify";

#[tokio::test]
async fn attack_tokens_alg_none() {
    let (bench, _) = Bench::jwt().await;
    let (key, claims) = (bench.issuer.key(), bench.issuer.claims("ann", RESOURCE).to_string());
    bench.taken("as it should be", &key.sign(&key.header().to_string(), &claims)).await;
    for alg in ["none", "None", "NONE", "nOnE", "", "es256"] {
        let mut header = key.header();
        header["alg"] = alg.into();
        let signed = key.sign(&header.to_string(), &claims);
        let (unsigned, _) = signed.rsplit_once('.').expect("three parts");
        bench.refused(alg, &signed, ALGORITHM).await;
        bench.refused(alg, &format!("{unsigned}."), ALGORITHM).await;
    }
    let good = key.sign(&key.header().to_string(), &claims);
    let (unsigned, signature) = good.rsplit_once('.').expect("three parts");
    bench.refused("an empty signature", &format!("{unsigned}."), SIGNATURE).await;
    bench.refused("half a signature", &format!("{unsigned}.{}", &signature[..40]), SIGNATURE).await;
    bench.refused("no third part", unsigned, "").await;
    bench.end_launched(&[]).await;
}

#[tokio::test]
async fn attack_tokens_public_key_as_secret() {
    let (bench, _) = Bench::jwt().await;
    let key = bench.issuer.key();
    let (jwk, claims) = (key.jwk(), bench.issuer.claims("ann", RESOURCE));
    // A careless issuer publishes a shared secret and a private key; neither becomes a key here.
    let secret = json!({ "kty": "oct", "kid": "shared", "k": encode("hush-hush-hush"), "alg": "HS256" });
    let mut private = Key::new("private").jwk();
    private["d"] = encode([7; 32]).into();
    bench.issuer.publish_keys(&[jwk.clone(), secret, private]);
    let point = jwk["x"].as_str().expect("a coordinate").to_owned();
    for (kid, secret) in [(key.kid(), jwk.to_string()), (key.kid(), point), ("shared", "hush-hush-hush".to_owned())] {
        for (alg, algorithm) in [("HS256", hmac::HMAC_SHA256), ("HS512", hmac::HMAC_SHA512)] {
            let header = json!({ "alg": alg, "typ": "at+jwt", "kid": kid });
            let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
            let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), signed.as_bytes());
            bench.refused(alg, &format!("{signed}.{}", encode(tag)), ALGORITHM).await;
        }
    }
    let by_private = |alg: &str| json!({ "alg": alg, "typ": "at+jwt", "kid": "private" }).to_string();
    bench.refused("the private key", &Key::new("private").sign(&by_private("ES256"), &claims.to_string()), SIGNATURE).await;
    for alg in ["RS256", "PS256", "EdDSA", "ES384"] {
        let mut header = key.header();
        header["alg"] = alg.into();
        bench.refused("a key of another type", &key.sign(&header.to_string(), &claims.to_string()), SIGNATURE).await;
    }
    bench.taken("the good key", &bench.issuer.token(&claims)).await;
    bench.hush("hush-hush-hush");
    bench.end_launched(&[]).await;
}

#[tokio::test]
async fn attack_tokens_key_in_header() {
    let (bench, hand) = Bench::jwt().await;
    let (attacker, key) = (Issuer::start().await, bench.issuer.key());
    let claims = bench.issuer.claims("ann", RESOURCE).to_string();
    let evil = attacker.at("/jwks").to_string();
    attacker.publish_keys(&[attacker.key().jwk()]);
    for (member, value) in [
        ("jwk", attacker.key().jwk()),
        ("jku", json!(evil)),
        ("x5u", json!(evil)),
        ("x5c", json!([encode("certificate")])),
        ("kid", json!(evil)),
        ("iss", json!(attacker.url())),
    ] {
        // The second time, keys may be fetched again.
        for _ in 0..2 {
            let mut header = key.header();
            header[member] = value.clone();
            bench.refused(member, &attacker.key().sign(&header.to_string(), &claims), SIGNATURE).await;
            hand.turn(30);
        }
    }
    assert_eq!(attacker.asked().len(), 0, "nothing in a token leads anywhere");
    bench.end_launched(&[]).await;
}

#[tokio::test]
async fn attack_tokens_unknown_crit() {
    let (bench, _) = Bench::jwt().await;
    let key = bench.issuer.key();
    let claims = bench.issuer.claims("ann", RESOURCE).to_string();
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!(null), json!("b64")] {
        let mut header = key.header();
        (header["crit"], header["b64"]) = (crit.clone(), false.into());
        let reason = "the token needs an extension that is not known";
        bench.refused(&crit.to_string(), &key.sign(&header.to_string(), &claims), reason).await;
    }
    bench.end_launched(&[]).await;
}

#[tokio::test]
async fn attack_tokens_cross_issuer() {
    let (other, hand) = (Issuer::start().await, Hand::new());
    let trusted = JwtIssuer::new(other.url()).expect("an issuer");
    let bench = Bench::new(Issuer::start().await, |issuer, hand| -> JwtVerifier { verifier(issuer, hand).issuer(trusted) }, &hand).await;
    let (a, b) = (bench.issuer.key(), other.key());
    let (of_a, of_b) = (bench.issuer.claims("ann", RESOURCE), other.claims("ann", RESOURCE));
    bench.taken("A by A", &a.token(&of_a)).await;
    bench.taken("B by B", &b.token(&of_b)).await;
    bench.refused("B by A", &a.token(&of_b), SIGNATURE).await;
    bench.refused("A by B", &b.token(&of_a), SIGNATURE).await;
    // The same name for both keys helps nobody.
    let as_if = |kid: &str| json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }).to_string();
    bench.refused("A by B as A", &b.sign(&as_if(a.kid()), &of_a.to_string()), SIGNATURE).await;
    let stranger = Issuer::start().await;
    bench.refused("somebody else's", &stranger.token(&stranger.claims("ann", RESOURCE)), "").await;
    assert_eq!(stranger.asked().len(), 0, "who is not trusted is not asked");
    let mut slash = of_a.clone();
    slash["iss"] = format!("{}/", bench.issuer.url()).into();
    bench.refused("almost A", &a.token(&slash), "").await;
    bench.end_launched(&[other.url()]).await;
}
