//! As whom the client acts, and how it proves that.

use std::sync::Arc;

use mcp_client::oauth::{OAuthBuilder, SigningKey};
use mcp_testkit::Document;
use mcp_tests::keyed::Keyed;
use serde_json::{Value, json};

use super::fake::Fake;
use super::{call, connect, person, refused};

const DOCUMENT: &str = "https://client.example/oauth/client.json";

#[tokio::test]
async fn cl_10_a_document_is_used_where_it_is_taken() {
    for (taken, id) in [(json!(true), DOCUMENT), (json!(false), "client-1"), (Value::Null, "client-1")] {
        let fake = Fake::with(|script| script.metadata = json!({"client_id_metadata_document_supported": taken})).await;
        connect(&fake, person().document(DOCUMENT)).await.expect("it signs in");
        assert_eq!(fake.parameters("/authorize", "client_id"), [Some(id.to_owned())]);
        assert_eq!(fake.at("/register").len(), usize::from(id != DOCUMENT));
    }
}

#[tokio::test]
async fn cl_10_a_document_with_a_key_is_used_where_signatures_are_taken() {
    for (methods, algorithms, signs) in [
        (json!(["none", "private_key_jwt"]), Value::Null, true),
        (json!(["none", "private_key_jwt"]), json!(["RS256", "ES256"]), true),
        (json!(["none", "private_key_jwt"]), json!(["RS256"]), false),
        (json!(["none"]), Value::Null, false),
    ] {
        let fake = Fake::with(|script| {
            script.metadata = json!({
                "client_id_metadata_document_supported": true,
                "token_endpoint_auth_methods_supported": methods,
                "token_endpoint_auth_signing_alg_values_supported": algorithms,
            });
        })
        .await;
        let key = SigningKey::from_pem(&Keyed::generate().pem).expect("it can be read");
        connect(&fake, person().document(DOCUMENT).key(key)).await.expect("it signs in");
        let id = if signs { DOCUMENT } else { "client-1" };
        assert_eq!(fake.parameters("/authorize", "client_id"), [Some(id.to_owned())], "{methods} {algorithms}");
        let asked = &fake.at("/token")[0];
        assert_eq!(asked.parameter("client_assertion").is_some(), signs, "{methods} {algorithms}");
        let kind = signs.then(|| "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned());
        assert_eq!(asked.parameter("client_assertion_type"), kind);
    }
}

#[tokio::test]
async fn cl_11_a_registration_says_that_this_is_a_native_program_that_wants_to_stay() {
    let fake = Fake::start().await;
    connect(&fake, person().name("Ann's program")).await.expect("it signs in");
    let registration: Value = serde_json::from_slice(&fake.at("/register")[0].body).expect("JSON");
    let redirect_uri = fake.parameters("/authorize", "redirect_uri").remove(0).expect("a redirect URI");
    assert!(redirect_uri.starts_with("http://127.0.0.1:"), "{redirect_uri}");
    let expected = json!({
        "client_name": "Ann's program",
        "application_type": "native",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    assert_eq!(registration, expected);
}

#[tokio::test]
async fn cl_11_a_refused_registration_says_why() {
    let fake = Fake::start().await;
    let refusal = json!({"error": "invalid_redirect_uri", "error_description": "loopback is not for us"});
    fake.script().put("/register", Document::json(&refusal).status(400));
    let why = refused(&fake, person()).await;
    assert_eq!(why, "authorization: the authorization server answered `invalid_redirect_uri`: loopback is not for us");
    let fake = Fake::with(|script| script.metadata = json!({"registration_endpoint": null})).await;
    let why = refused(&fake, person()).await;
    assert!(why.contains("Register a client there"), "{why}");
}

#[tokio::test]
async fn cl_14_another_authorization_server_sees_nothing_of_the_first() {
    let (first, second) = (Fake::start().await, Fake::with(|script| script.registration = json!({"client_id": "other"})).await);
    let oauth = Arc::new(person().build());
    call(&first, &oauth).await.expect("it is let in");
    {
        let mut script = first.script();
        script.forget_access();
        script.resource = json!({"authorization_servers": [second.origin()]});
    }
    call(&first, &oauth).await.expect_err("the first server knows no tokens of the second");
    assert_eq!(second.at("/register").len(), 1);
    assert_eq!(second.parameters("/authorize", "client_id"), [Some("other".to_owned())]);
    assert!(second.at("/token").iter().all(|asked| asked.parameter("grant_type").as_deref() == Some("authorization_code")));
    assert_eq!(first.at("/token").len(), 1, "and its refresh token is not used either");

    // A client that was registered by hand is not shown to another one, and the login says so.
    for (named, later) in [(true, 0), (false, 1)] {
        let (first, second) = (Fake::start().await, Fake::start().await);
        let known = person().client("mine", None);
        let known = if named { known.issuer("https://auth.example") } else { known };
        let oauth = Arc::new(known.build());
        if later == 1 {
            call(&first, &oauth).await.expect("it is let in");
            first.script().forget_access();
            first.script().resource = json!({"authorization_servers": [second.origin()]});
        }
        let why = call(&first, &oauth).await.expect_err("it is another one").to_string();
        assert!(why.contains("the client id was issued by"), "{why}");
        assert!(second.at("/authorize").is_empty());
        assert_eq!(first.at("/authorize").len(), later);
    }
}

/// How the client proved at the token endpoint who it is.
async fn proof(oauth: OAuthBuilder, methods: Value, registration: Value) -> String {
    let fake = Fake::with(|script| {
        script.metadata = json!({"token_endpoint_auth_methods_supported": methods});
        script.registration = registration;
    });
    let fake = fake.await;
    connect(&fake, oauth).await.expect("it signs in");
    let asked = fake.at("/token").remove(0);
    match (asked.header("authorization"), asked.parameter("client_id"), asked.parameter("client_secret")) {
        (Some(basic), None, None) => basic.to_owned(),
        (None, Some(id), Some(secret)) => format!("post {id} {secret}"),
        (None, Some(id), None) => format!("none {id}"),
        other => panic!("two proofs at once: {other:?}"),
    }
}

#[tokio::test]
async fn cl_15_the_client_proves_who_it_is_as_it_was_registered() {
    let secret = json!({"client_id": "a", "client_secret": "b c", "token_endpoint_auth_method": null});
    let stated = |method: &str| json!({"client_id": "a", "client_secret": "b c", "token_endpoint_auth_method": method});
    // `a:b+c`: both halves are encoded as forms are.
    let basic = "Basic YTpiK2M=";
    for (methods, registration, expected) in [
        (json!(["none"]), Value::Null, "none client-1"),
        (json!(["client_secret_basic"]), secret.clone(), basic),
        (json!(["client_secret_post"]), secret.clone(), "post a b c"),
        (Value::Null, secret.clone(), basic),
        (json!(["none", "client_secret_basic"]), stated("client_secret_post"), "post a b c"),
        (json!(["client_secret_post"]), stated("client_secret_basic"), basic),
        (json!(["client_secret_basic"]), stated("none"), "none a"),
        (json!(["private_key_jwt"]), secret, basic),
    ] {
        assert_eq!(proof(person(), methods.clone(), registration.clone()).await, expected, "{methods} {registration}");
    }
}

#[tokio::test]
async fn cl_16_a_client_that_was_registered_by_hand_does_not_register_itself() {
    let fake = Fake::with(|script| {
        script.metadata = json!({
            "client_id_metadata_document_supported": true,
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        });
    });
    let fake = fake.await;
    let oauth = person().client("mine", Some("secret".to_owned())).issuer(fake.origin()).document(DOCUMENT);
    connect(&fake, oauth).await.expect("it signs in");
    assert!(fake.at("/register").is_empty());
    assert_eq!(fake.parameters("/authorize", "client_id"), [Some("mine".to_owned())]);
    assert_eq!(fake.at("/token")[0].header("authorization"), Some("Basic bWluZTpzZWNyZXQ="));
}
