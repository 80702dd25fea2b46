//! Keys that are unknown, new, withdrawn, and out of reach.

use std::time::Duration;

use serde_json::{Value, json};

use super::JwtIssuer;
use super::case::{A, A_KEYS, B, B_KEYS, Case, SIGNATURE, claims, invalid};
use super::testing::Signer;
use crate::AuthError;

#[tokio::test]
async fn keys_are_per_issuer() {
    let (a, b) = (Signer::es256(), Signer::es256());
    let case = Case::new(&[a.jwk("k")]);
    case.publish(B_KEYS, &[b.jwk("k")]);
    let mut of_b = claims();
    of_b["iss"] = json!(B);
    case.check("A by A", &a.token("k", &claims()), Ok(())).await;
    case.check("B by B", &b.token("k", &of_b), Ok(())).await;
    case.check("B by A", &a.token("k", &of_b), invalid(SIGNATURE)).await;
    case.check("A by B", &b.token("k", &claims()), invalid(SIGNATURE)).await;
    let principal = case.verify(&b.token("k", &of_b)).await.expect("a good token");
    assert_eq!((principal.issuer(), principal.subject()), (Some(B), Some("dee")));
}

#[tokio::test]
async fn unknown_keys_are_looked_for_once_in_a_cool_down() {
    let (signer, next) = (Signer::es256(), Signer::es256());
    let case = Case::new(&[signer.jwk("a")]);
    case.check("known", &signer.token("a", &claims()), Ok(())).await;
    case.pass(30);
    let long = "k".repeat(5_000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "a\0", "", "A", "http://evil.example", &long] {
        case.check(kid, &signer.token(kid, &claims()), invalid(SIGNATURE)).await;
    }
    for number in 0..1_000 {
        case.check("unknown", &signer.token(&format!("kid-{number}"), &claims()), invalid(SIGNATURE)).await;
    }
    assert_eq!(case.fake.asked(), [A_KEYS, A_KEYS]);

    case.publish(A_KEYS, &[signer.jwk("a"), next.jwk("b")]);
    case.check("in the cool-down", &next.token("b", &claims()), invalid(SIGNATURE)).await;
    case.pass(30);
    let token = next.token("b", &claims());
    let (one, two, three) = tokio::join!(case.verify(&token), case.verify(&token), case.verify(&token));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(case.fetches(), 3, "three who wait share one fetch");
}

#[tokio::test]
async fn a_key_without_a_name_is_replaced_by_the_next() {
    let (signer, next) = (Signer::es256(), Signer::es256());
    let nameless = |signer: &Signer| {
        let mut jwk = signer.jwk("");
        jwk.as_object_mut().expect("an object").remove("kid");
        jwk
    };
    let sign = |signer: &Signer| signer.sign(r#"{"alg":"ES256","typ":"at+jwt"}"#, &claims().to_string());
    let case = Case::new(&[nameless(&signer)]);
    case.check("the first", &sign(&signer), Ok(())).await;
    case.publish(A_KEYS, &[nameless(&next)]);
    case.pass(30);
    case.check("the next", &sign(&next), Ok(())).await;
    case.check("the first, withdrawn", &sign(&signer), invalid(SIGNATURE)).await;
    assert_eq!(case.fetches(), 2);
}

#[tokio::test]
async fn keys_of_one_name_are_tried_and_no_more_than_five() {
    let signer = Signer::es256();
    let decoys: Vec<Value> = (0..5).map(|_| Signer::es256().jwk("a")).collect();
    let mixed = [Signer::ed25519().jwk("a"), Signer::es384().jwk("a"), json!({ "kty": "oct", "k": "AA", "kid": "a" })];
    for (name, before, verdict) in [
        ("four of its kind", decoys[..4].to_vec(), Ok(())),
        ("five of its kind", decoys.clone(), invalid(SIGNATURE)),
        ("others do not count", [&mixed[..], &decoys[..4]].concat(), Ok(())),
    ] {
        let case = Case::new(&[&before[..], &[signer.jwk("a")]].concat());
        case.check(name, &signer.token("a", &claims()), verdict).await;
    }
}

#[tokio::test]
async fn keys_outlive_their_issuer_and_its_mistakes() {
    let signer = Signer::es256();
    let token = signer.token("a", &claims());
    let case = Case::new(&[]);
    case.fake.fail(A_KEYS);
    let down = |seconds| Err(AuthError::Unavailable { retry_after: Duration::from_secs(seconds) });
    case.check("no keys yet", &token, down(30)).await;
    case.pass(20);
    case.check("in the cool-down", &token, down(10)).await;
    assert_eq!(case.fetches(), 1);
    case.pass(10);
    case.publish(A_KEYS, &[signer.jwk("a")]);
    case.check("up again", &token, Ok(())).await;

    let page = "<html>".to_owned();
    let many = json!({ "keys": vec![signer.jwk("a"); 101] }).to_string();
    let large = format!("{}{}", json!({ "keys": [signer.jwk("a")] }), " ".repeat(256 * 1_024));
    for document in [page, many, large] {
        case.fake.put(A_KEYS, document);
        case.pass(30);
        let before = case.fetches();
        case.check("unknown, and cannot be asked", &signer.token("b", &claims()), down(30)).await;
        assert_eq!(case.fetches(), before + 1);
        case.check("the last good keys", &token, Ok(())).await;
    }
    case.fake.fail(A_KEYS);
    case.pass(23 * 60 * 60);
    let before = case.fetches();
    case.check("the last good keys, nearly a day old", &token, Ok(())).await;
    // It is fetched anew meanwhile, in vain.
    while case.fetches() == before {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    case.pass(60 * 60);
    case.check("older", &token, down(30)).await;
}

#[tokio::test]
async fn keys_are_found_by_discovery() {
    const DOCUMENT: &str = "https://a.example/.well-known/oauth-authorization-server";
    let signer = Signer::es256();
    let token = signer.token("a", &claims());
    let mut case = Case::new(&[signer.jwk("a")]);
    case.verifier = case.verifier.issuer(JwtIssuer::new(A).expect("an issuer"));
    case.fake.put(DOCUMENT, json!({ "issuer": A, "jwks_uri": A_KEYS }).to_string());
    case.check("discovered", &token, Ok(())).await;
    case.pass(30);
    case.check("unknown", &signer.token("b", &claims()), invalid(SIGNATURE)).await;
    assert_eq!(case.fake.asked(), [DOCUMENT, A_KEYS, A_KEYS]);

    let moved = "https://a.example/new";
    case.publish(moved, &[signer.jwk("b")]);
    case.fake.put(DOCUMENT, json!({ "issuer": A, "jwks_uri": moved }).to_string());
    case.fake.fail(A_KEYS);
    for _ in 0..2 {
        case.pass(30);
        let _ = case.verify(&signer.token("b", &claims())).await;
    }
    case.check("moved", &signer.token("b", &claims()), Ok(())).await;
    assert_eq!(case.fake.asked()[3..], [A_KEYS, DOCUMENT, moved]);
}
