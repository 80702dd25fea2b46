//! The keys that sign tokens: how they are published, and how one follows another.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens};
use serde_json::Value;

use crate::support::{header_of, refresh_of, tokens};

async fn published(site: &Authorized) -> Vec<Value> {
    let answer = site.get("/jwks").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    answer.json()["keys"].as_array().expect("keys").clone()
}

async fn names(site: &Authorized) -> BTreeSet<String> {
    published(site).await.iter().map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn as_34_keys_are_published_without_what_is_private_and_named_by_what_they_are() {
    let site = Authorized::start().await;
    let keys = published(&site).await;
    assert_eq!(keys.len(), 1);
    let members: Vec<&str> = keys[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(BTreeSet::from_iter(members), BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"]));
    let text = |name: &str| keys[0][name].as_str().expect("a text");
    assert_eq!((text("use"), text("alg"), text("kty"), text("crv")), ("sig", "ES256", "EC", "P-256"));
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text("x"), text("y"));
    assert_eq!(text("kid"), URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes())), "RFC 7638");
}

#[tokio::test]
async fn as_34_a_new_key_is_published_before_it_signs_and_the_old_one_until_nothing_needs_it() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let signed_by = |tokens: &Tokens| header_of(&tokens.access)["kid"].as_str().expect("a name").to_owned();
    let first = tokens(&site, &ann, &client, "mcp:read").await;
    let old = signed_by(&first);
    let new = site.auth.rotate_key(false).await.expect("the store works");
    assert_eq!(names(&site).await, BTreeSet::from([old.clone(), new.clone()]));
    site.clock.advance(Duration::from_secs(301));
    let second = Tokens::of(&client.refresh(&site, refresh_of(&first)).await);
    assert_eq!(signed_by(&second), old, "whoever kept the keys for as long as it may does not know the new one yet");
    site.clock.advance(Duration::from_secs(300));
    let third = Tokens::of(&client.refresh(&site, refresh_of(&second)).await);
    assert_eq!(signed_by(&third), new);
    for tokens in [&first, &second, &third] {
        assert_eq!(tokens.call(&site, "reads").await.status, 200, "what the old key signed is good still");
    }
    site.clock.advance(Duration::from_secs(3_590));
    assert_eq!(names(&site).await, BTreeSet::from([old, new.clone()]));
    site.clock.advance(Duration::from_secs(120));
    assert_eq!(names(&site).await, BTreeSet::from([new]), "all that it signed has expired");
}

#[tokio::test]
async fn as_34_keys_follow_each_other_by_themselves() {
    let site = Authorized::start().await;
    let first = names(&site).await;
    site.clock.advance(Duration::from_secs(90 * 24 * 3_600 - 601));
    assert_eq!(names(&site).await, first);
    site.clock.advance(Duration::from_secs(60));
    let both = names(&site).await;
    assert!(both.len() == 2 && both.is_superset(&first), "{both:?}");
    site.clock.advance(Duration::from_secs(2 * 3_600));
    assert!(names(&site).await.is_disjoint(&first));
}

#[tokio::test]
async fn as_34_a_key_that_leaked_is_gone_at_once() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let before = tokens(&site, &ann, &client, "mcp:read").await;
    let new = site.auth.rotate_key(true).await.expect("the store works");
    assert_eq!(names(&site).await, BTreeSet::from([new.clone()]));
    let after = Tokens::of(&client.refresh(&site, refresh_of(&before)).await);
    assert_eq!(header_of(&after.access)["kid"], new);
    site.clock.advance(Duration::from_secs(600));
    assert_eq!((before.call(&site, "reads").await.status, after.call(&site, "reads").await.status), (401, 200));
}
