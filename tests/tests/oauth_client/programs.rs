//! Programs that sign in by themselves.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mcp_client::oauth::{AssertionFile, EnterpriseLogin, OAuth, SigningKey};
use mcp_testkit::Document;
use serde_json::{Value, json};

use super::fake::Fake;
use super::{call, connect, refused};

/// An authorization server whose clients prove who they are in this way.
async fn taking(method: &str) -> Fake {
    Fake::with(|script| {
        script.metadata = json!({"token_endpoint_auth_methods_supported": [method]});
        script.resource = json!({"scopes_supported": ["read"]});
    })
    .await
}

#[tokio::test]
async fn cl_18_a_program_signs_in_with_its_secret() {
    let fake = taking("client_secret_basic").await;
    connect(&fake, OAuth::program("a", "b c")).await.expect("it is let in");
    let asked = fake.at("/token").remove(0);
    assert_eq!(asked.header("authorization"), Some("Basic YTpiK2M="));
    assert_eq!(asked.parameter("grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(asked.parameter("scope").as_deref(), Some("read"));
    assert_eq!(asked.parameter("resource"), Some(fake.mcp()));
    assert!(fake.at("/authorize").is_empty() && fake.at("/register").is_empty());
}

#[tokio::test]
async fn cl_18_a_program_signs_in_with_its_key() {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
    let fake = taking("private_key_jwt").await;
    let key = SigningKey::from_pem(&pem).expect("it can be read");
    assert!(!format!("{key:?}").contains(&STANDARD.encode(&document.as_ref()[40..60])));
    connect(&fake, OAuth::program_with_key("a", key)).await.expect("it is let in");
    let asked = fake.at("/token").remove(0);
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(asked.parameter("client_assertion_type").as_deref(), Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    let assertion = asked.parameter("client_assertion").expect("an assertion");
    let (signed, signature) = assertion.rsplit_once('.').expect("a JWT");
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("Base64url");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
        .verify(signed.as_bytes(), &decode(signature))
        .expect("it is signed");
    let claims: Value = serde_json::from_slice(&decode(signed.split_once('.').expect("two parts").1)).expect("JSON");
    assert_eq!((&claims["iss"], &claims["sub"], &claims["aud"]), (&json!("a"), &json!("a"), &json!(fake.origin())));
    let (issued, ends) = (claims["iat"].as_u64().expect("a time"), claims["exp"].as_u64().expect("a time"));
    assert!(ends > issued && ends - issued <= 300, "{claims}");
    for unfit in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        SigningKey::from_pem(unfit).expect_err("no key");
    }
}

#[tokio::test]
async fn a_workload_signs_in_with_what_its_platform_says() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("token");
    std::fs::write(&file, "header.claims.signature\n").expect("it is written");
    let fake = taking("none").await;
    connect(&fake, OAuth::workload("a", AssertionFile(file))).await.expect("it is let in");
    let asked = fake.at("/token").remove(0);
    assert_eq!(asked.parameter("grant_type").as_deref(), Some("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    assert_eq!(asked.parameter("assertion").as_deref(), Some("header.claims.signature"));

    let fake = taking("none").await;
    fake.script().put("/token", Document::json(&json!({"error": "invalid_grant", "error_description": "expired"})).status(400));
    let why = refused(&fake, OAuth::workload("a", "old".to_owned())).await;
    assert_eq!(why, "authorization: the authorization server answered `invalid_grant`: expired");
    assert_eq!(fake.at("/token").len(), 1, "what is refused is not tried again or in another way");
}

#[tokio::test]
async fn an_enterprise_signs_its_people_in() {
    let provider = Fake::start().await;
    provider.script().put("/token", Document::json(&json!({"access_token": "the-grant", "token_type": "N_A"})));
    let fake = taking("client_secret_basic").await;
    let login = EnterpriseLogin::new(&format!("{}/token", provider.origin()), "at-idp", None, "the-id-token".to_owned());
    connect(&fake, OAuth::enterprise(login).client("a", Some("b".to_owned()))).await.expect("it is let in");
    let exchanged = provider.at("/token").remove(0);
    for (name, value) in [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:id-jag"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("subject_token", "the-id-token"),
        ("audience", &fake.origin()),
        ("resource", &fake.mcp()),
        ("client_id", "at-idp"),
    ] {
        assert_eq!(exchanged.parameter(name).as_deref(), Some(value), "{name}");
    }
    let asked = fake.at("/token").remove(0);
    assert_eq!(asked.header("authorization"), Some("Basic YTpi"));
    assert_eq!(asked.parameter("assertion").as_deref(), Some("the-grant"));
}

#[tokio::test]
async fn a_program_gets_another_token_when_its_token_has_ended() {
    let fake = taking("client_secret_basic").await;
    let oauth = Arc::new(OAuth::program("a", "b").build());
    call(&fake, &oauth).await.expect("it is let in");
    fake.script().forget_access();
    fake.script().forget_refresh();
    call(&fake, &oauth).await.expect("it is let in again");
}
