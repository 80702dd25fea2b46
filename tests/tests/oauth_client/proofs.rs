//! Tokens that are bound to a key of the client (RFC 9449), where a server wants that.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_testkit::{Asked, Document};
use mcp_tests::authorized::challenge_of;
use serde_json::{Value, json};

use super::fake::Fake;
use super::{call, person};

/// The claims of the proof of a request, and the key that made it.
fn proof(asked: &Asked) -> (Value, Value) {
    let jwt = asked.header("dpop").unwrap_or_else(|| panic!("no proof: {asked:?}"));
    let (signed, signature) = jwt.rsplit_once('.').expect("a JWT");
    let (header, claims) = signed.split_once('.').expect("a JWT");
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("Base64url");
    let (header, claims): (Value, Value) =
        (serde_json::from_slice(&decode(header)).expect("JSON"), serde_json::from_slice(&decode(claims)).expect("JSON"));
    assert_eq!((&header["typ"], &header["alg"], &header["jwk"]["d"]), (&json!("dpop+jwt"), &json!("ES256"), &Value::Null));
    let coordinate = |name: &str| decode(header["jwk"][name].as_str().expect("a coordinate"));
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &decode(signature)).expect("it is signed");
    (claims, header["jwk"].clone())
}

#[tokio::test]
async fn tokens_are_bound_to_a_key_and_every_request_proves_it() {
    let fake = Fake::with(|script| {
        let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", script.origin());
        script.challenge = Some(format!("DPoP resource_metadata=\"{metadata}\""));
        script.metadata = json!({"dpop_signing_alg_values_supported": ["ES256"]});
        let nonce = json!({"error": "use_dpop_nonce"});
        script.put("/token", Document::json(&nonce).status(400).header("DPoP-Nonce", "from-server"));
        script.put("/token", Document::json(&json!({"access_token": "bound", "token_type": "DPoP", "refresh_token": "r"})));
        script.admit("bound");
    });
    let fake = fake.await;
    let oauth = Arc::new(person().build());
    call(&fake, &oauth).await.expect("it is let in");

    let (token, mcp) = (fake.at("/token"), fake.at("/mcp"));
    let proofs: Vec<(Value, Value)> = token.iter().chain(mcp.iter().filter(|asked| asked.header("dpop").is_some())).map(proof).collect();
    assert_eq!(proofs.len(), 4, "two for the token, two for the calls");
    let ids: BTreeSet<&str> = proofs.iter().map(|(claims, _)| claims["jti"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), proofs.len(), "each is new");
    assert!(proofs.iter().all(|(_, key)| *key == proofs[0].1), "all are of one key");
    assert_eq!((&proofs[0].0["nonce"], &proofs[1].0["nonce"]), (&Value::Null, &json!("from-server")));
    assert_eq!((&proofs[1].0["htm"], &proofs[1].0["htu"]), (&json!("POST"), &json!(format!("{}/token", fake.origin()))));
    let last = &proofs[3].0;
    assert_eq!((&last["htu"], &last["ath"]), (&json!(fake.mcp()), &json!(challenge_of("bound"))));
    assert_eq!(last["nonce"], Value::Null, "the nonce of one server is not for the other");
    assert_eq!(mcp.last().expect("a call").header("authorization"), Some("DPoP bound"));

    // A nonce that the server wants is used once it has said so, and a server that never has enough is given up.
    let wants = |nonce: &str| {
        let refusal = Document::new("text/plain", "").status(401).header("WWW-Authenticate", "DPoP error=\"use_dpop_nonce\"");
        refusal.header("DPoP-Nonce", nonce)
    };
    fake.script().put("/mcp", wants("from-resource"));
    fake.script().then_as_usual("/mcp");
    call(&fake, &oauth).await.expect("it is let in");
    assert_eq!(proof(fake.at("/mcp").last().expect("a call")).0["nonce"], "from-resource");
    fake.script().recover("/mcp");
    fake.script().put("/mcp", wants("from-resource"));
    call(&fake, &oauth).await.expect_err("the nonce was sent");
    assert_eq!(fake.at("/authorize").len(), 1);
}

#[tokio::test]
async fn no_token_is_bound_where_nobody_wants_it() {
    let fake = Fake::with(|script| script.metadata = json!({"dpop_signing_alg_values_supported": ["ES256"]})).await;
    call(&fake, &Arc::new(person().build())).await.expect("it is let in");
    assert!(fake.at("/token").iter().chain(&fake.at("/mcp")).all(|asked| asked.header("dpop").is_none()));
}
