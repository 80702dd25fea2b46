//! How clients show who they are, and what they may do without a person.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_auth::server::ClientToAdd;
use mcp_testkit::Document;
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Tokens};
use mcp_tests::protected::{Answer, Signer};
use serde_json::{Value, json};

use crate::support::{DOCUMENTS, assert_not_recorded, refused, with_documents};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Asks for tokens with a refresh token that there is not: whoever is taken for the client is told so, and nobody else.
async fn ask(site: &Authorized, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let probe = [("grant_type", "refresh_token"), ("refresh_token", "mrt1.unknown.0.unknown")];
    site.post_with("/token", &[&probe, fields].concat(), headers).await
}

/// `Basic` credentials of which every byte is percent-encoded.
fn basic(scheme: &str, id: &str, secret: &str) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    format!("{scheme} {}", STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}

/// Registers a client with a method, and gives its id and its secret.
async fn registered(site: &Authorized, method: Option<&str>) -> (String, String) {
    let mut metadata = json!({"client_name": "Test", "redirect_uris": [HOSTED_CALLBACK]});
    if let Some(method) = method {
        metadata["token_endpoint_auth_method"] = json!(method);
    }
    let answer = site.register(&metadata).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let text = |name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
    (text("client_id"), text("client_secret"))
}

#[tokio::test]
async fn as_16_a_client_shows_who_it_is_in_the_way_it_registered() {
    let site = Authorized::start().await;
    for method in ["none", "client_secret_basic", "client_secret_post"] {
        let (id, secret) = registered(&site, Some(method)).await;
        let secret = if method == "none" { "mcs_guessed".to_owned() } else { secret };
        let header = basic("Basic", &id, &secret);
        let answers = [
            ("none", ask(&site, &[("client_id", &id)], &[]).await),
            ("client_secret_basic", ask(&site, &[], &[("Authorization", &header)]).await),
            ("client_secret_basic", ask(&site, &[("client_id", &id)], &[("Authorization", &basic("bAsIc", &id, &secret))]).await),
            ("client_secret_post", ask(&site, &[("client_id", &id), ("client_secret", &secret)], &[]).await),
        ];
        for (way, answer) in answers {
            match way == method {
                true => refused(&answer, 400, "invalid_grant"),
                false => refused(&answer, 401, "invalid_client"),
            }
            let challenged = answer.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic "));
            assert_eq!(challenged, way == "client_secret_basic" && way != method, "{method} {way} {answer:?}");
        }
    }
    assert!(site.recorded("oauth/token", "invalid_client"));
}

#[tokio::test]
async fn as_16_two_ways_at_once_and_wrong_secrets_are_refused() {
    let site = Authorized::start().await;
    let (id, secret) = registered(&site, None).await;
    let (other, other_secret) = registered(&site, None).await;
    let header = basic("Basic", &id, &secret);
    let both = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let assertion = [("client_assertion_type", ASSERTION), ("client_assertion", "e30.e30.e30")];
    refused(&ask(&site, &both, &[("Authorization", &header)]).await, 400, "invalid_request");
    refused(&ask(&site, &assertion, &[("Authorization", &header)]).await, 400, "invalid_request");
    refused(&ask(&site, &[&both[..], &assertion].concat(), &[]).await, 400, "invalid_request");
    refused(&ask(&site, &[], &[("Authorization", &header), ("Authorization", &header)]).await, 400, "invalid_request");
    refused(&ask(&site, &[("client_id", &other)], &[("Authorization", &header)]).await, 400, "invalid_request");
    let wrong = [
        basic("Basic", &id, "wrong"),
        basic("Basic", &id, &other_secret),
        basic("Basic", "c_unknown", &secret),
        basic("Basic", &id, ""),
        "Basic !".to_owned(),
        "Basic".to_owned(),
    ];
    for header in wrong {
        let answer = ask(&site, &[], &[("Authorization", &header)]).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.challenge().starts_with("Basic "), "{answer:?}");
    }
    refused(&ask(&site, &[("client_id", &id), ("client_secret", "wrong")], &[]).await, 401, "invalid_client");
    refused(&ask(&site, &[], &[]).await, 401, "invalid_client");
    assert!(site.recorded("oauth/token", "invalid_client"));
    assert_not_recorded(&site, &[&secret, &other_secret]);
}

#[tokio::test]
async fn as_17_who_states_no_method_may_send_its_secret_either_way() {
    let site = Authorized::start().await;
    let (id, secret) = registered(&site, None).await;
    assert!(!secret.is_empty());
    let header = basic("Basic", &id, &secret);
    refused(&ask(&site, &[], &[("Authorization", &header)]).await, 400, "invalid_grant");
    refused(&ask(&site, &[("client_id", &id), ("client_secret", &secret)], &[]).await, 400, "invalid_grant");
    refused(&ask(&site, &[("client_id", &id)], &[]).await, 401, "invalid_client");
}

/// What a good assertion says, with changes; `null` takes a claim away.
fn assertion(site: &Authorized, signer: &Signer, id: &str, changes: &Value) -> String {
    let now = site.clock.unix_seconds();
    let mut claims = json!({"iss": id, "sub": id, "aud": site.url, "iat": now, "exp": now + 60});
    claims["jti"] = json!(format!("{:x}", rand()));
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    signer.sign(&json!({"alg": "ES256", "kid": "one"}), &claims)
}

fn rand() -> u64 {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).expect("randomness");
    u64::from_be_bytes(bytes)
}

async fn assert_with(site: &Authorized, assertion: &str) -> Answer {
    ask(site, &[("client_assertion_type", ASSERTION), ("client_assertion", assertion)], &[]).await
}

/// Registers a client with a key, and the one algorithm of its assertions.
async fn keyed(site: &Authorized, keys: (&str, Value), algorithm: &str) -> String {
    let mut metadata = json!({
        "redirect_uris": [HOSTED_CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": algorithm,
    });
    metadata[keys.0] = keys.1;
    let answer = site.register(&metadata).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.json().get("client_secret").is_none(), "it has a key: {answer:?}");
    answer.json()["client_id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn as_18_an_assertion_is_signed_for_this_server_alone_and_good_once() {
    let site = Authorized::start().await;
    let (signer, other) = (Signer::new("one"), Signer::new("one"));
    let keys = json!({"keys": [signer.jwk()]});
    let id = keyed(&site, ("jwks", keys.clone()), "ES256").await;
    let now = site.clock.unix_seconds();
    let endpoint = format!("{}/token", site.url);
    for changes in [json!({}), json!({"aud": endpoint}), json!({"aud": [site.url]}), json!({"iat": null}), json!({"exp": now + 300})] {
        let assertion = assertion(&site, &signer, &id, &changes);
        refused(&assert_with(&site, &assertion).await, 400, "invalid_grant");
        refused(&assert_with(&site, &assertion).await, 401, "invalid_client");
    }
    let bad = [
        json!({"aud": [site.url, endpoint]}),
        json!({"aud": [site.url, "https://other.example"]}),
        json!({"aud": "https://other.example"}),
        json!({"aud": format!("{}/", site.url)}),
        json!({"aud": format!("{}/authorize", site.url)}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"iss": "c_other"}),
        json!({"iss": null}),
        json!({"sub": "c_other"}),
        json!({"sub": null}),
        json!({"exp": null}),
        json!({"exp": now - 60}),
        json!({"exp": now + 3_600}),
        json!({"exp": "soon"}),
        json!({"nbf": now + 120}),
        json!({"iat": now + 120}),
        json!({"jti": null}),
        json!({"jti": ""}),
    ];
    for changes in bad {
        let assertion = assertion(&site, &signer, &id, &changes);
        let answer = assert_with(&site, &assertion).await;
        assert_eq!((answer.status, &answer.json()["error"]), (401, &json!("invalid_client")), "{changes}");
    }
    let claims = json!({"iss": id, "sub": id, "aud": site.url, "exp": now + 60, "jti": "a"});
    for forged in [
        other.sign(&json!({"alg": "ES256", "kid": "one"}), &claims),
        signer.sign(&json!({"alg": "none"}), &claims),
        signer.sign(&json!({"alg": "HS256", "kid": "one"}), &claims),
        signer.sign(&json!({"alg": "RS256", "kid": "one"}), &claims),
        signer.sign(&json!({"alg": "ES256", "kid": "one", "typ": "at+jwt"}), &claims),
        signer.sign(&json!({"alg": "ES256", "kid": "one", "crit": ["x"]}), &claims),
        "e30.e30.e30".to_owned(),
    ] {
        refused(&assert_with(&site, &forged).await, 401, "invalid_client");
    }
    assert!(site.recorded("oauth/token", "invalid_client"));
    let registered_another = keyed(&site, ("jwks", keys), "RS256").await;
    let assertion = assertion(&site, &signer, &registered_another, &json!({}));
    refused(&assert_with(&site, &assertion).await, 401, "invalid_client");
    refused(&ask(&site, &[("client_id", &id)], &[]).await, 401, "invalid_client");
    refused(&ask(&site, &[("client_assertion", &assertion)], &[]).await, 401, "invalid_client");
}

#[tokio::test]
async fn as_18_keys_may_be_published_and_symmetric_algorithms_are_not_registered() {
    let (site, host) = with_documents().await;
    let (first, second) = (Signer::new("one"), Signer::new("two"));
    host.serve("/keys", Document::json(&json!({"keys": [first.jwk()]})));
    let id = keyed(&site, ("jwks_uri", json!(format!("{DOCUMENTS}/keys"))), "ES256").await;
    assert_eq!(host.hits("/keys"), 0, "they are fetched when they are needed");
    refused(&assert_with(&site, &assertion(&site, &first, &id, &json!({}))).await, 400, "invalid_grant");
    host.serve("/keys", Document::json(&json!({"keys": [second.jwk()]})));
    site.clock.advance(Duration::from_secs(31));
    let now = site.clock.unix_seconds();
    let claims = json!({"iss": id, "sub": id, "aud": site.url, "exp": now + 60, "jti": "new"});
    let renewed = second.sign(&json!({"alg": "ES256", "kid": "two"}), &claims);
    refused(&assert_with(&site, &renewed).await, 400, "invalid_grant");
    for algorithm in ["HS256", "none", "RS1"] {
        let metadata = json!({
            "redirect_uris": [HOSTED_CALLBACK],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": algorithm,
            "jwks": {"keys": [first.jwk()]},
        });
        refused(&site.register(&metadata).await, 400, "invalid_client_metadata");
    }
}

/// A client of the operator's that acts for itself.
async fn service(site: &Authorized, signer: Option<&Signer>) -> Client {
    let client = ClientToAdd {
        name: "Nightly report".to_owned(),
        scopes: Some(["mcp:read", "mcp:execute"].map(str::to_owned).into()),
        jwks: signer.map(|signer| json!({"keys": [signer.jwk()]})),
        ..ClientToAdd::default()
    };
    let added = site.auth.add_client(client).await.expect("a client");
    Client { id: added.id, secret: added.secret, redirect_uri: String::new() }
}

#[tokio::test]
async fn as_33_clients_of_the_operators_get_tokens_of_their_own() {
    let site = Authorized::start().await;
    let (signer, client) = (Arc::new(Signer::new("one")), service(&site, None).await);
    let fields = [("grant_type", "client_credentials")];
    let given = client.ask(&site, "/token", &fields).await;
    assert!(given.json().get("refresh_token").is_none(), "{given:?}");
    let given = Tokens::of(&given);
    assert_eq!((given.claims()["sub"].as_str(), given.scope.as_str()), (Some(client.id.as_str()), "mcp:execute mcp:read"));
    assert_eq!(given.call(&site, "reads").await.status, 200);
    assert!(given.call(&site, "whoami").await.body.contains(&client.id));
    assert_eq!(given.call(&site, "executes_and_writes").await.status, 403, "the operator did not give it that");
    for (scope, granted) in [("mcp:read", "mcp:read"), ("mcp:read mcp:write", "mcp:read"), ("unknown", "mcp:execute mcp:read")] {
        let narrowed = client.ask(&site, "/token", &[fields[0], ("scope", scope)]).await;
        assert_eq!(Tokens::of(&narrowed).scope, granted, "{scope}");
    }
    refused(&client.ask(&site, "/token", &[fields[0], ("scope", "mcp:admin")]).await, 400, "invalid_scope");
    refused(&client.ask(&site, "/token", &[fields[0], ("resource", "https://other.example/mcp")]).await, 400, "invalid_target");

    let keyed = service(&site, Some(&signer)).await;
    assert_eq!(keyed.secret, None);
    let assertion = assertion(&site, &signer, &keyed.id, &json!({}));
    let proof = [("client_assertion_type", ASSERTION), ("client_assertion", assertion.as_str())];
    let given = Tokens::of(&site.post("/token", &[&fields[..], &proof].concat()).await);
    assert_eq!(given.claims()["sub"], keyed.id);
    assert_eq!(given.call(&site, "executes").await.status, 200);
    assert_not_recorded(&site, &[&given.access, &assertion, client.secret.as_deref().expect("a secret")]);
}

#[tokio::test]
async fn as_33_nobody_else_does() {
    let site = Authorized::start().await;
    let (public, registered) = (Client::public(&site, HOSTED_CALLBACK).await, Client::confidential(&site, HOSTED_CALLBACK).await);
    let fields = [("grant_type", "client_credentials"), ("scope", "mcp:read")];
    refused(&public.ask(&site, "/token", &fields).await, 400, "unauthorized_client");
    refused(&registered.ask(&site, "/token", &fields).await, 400, "unauthorized_client");
    assert!(site.recorded("oauth/token", "client credentials"));
    let asks =
        json!({"redirect_uris": [HOSTED_CALLBACK], "grant_types": ["authorization_code", "client_credentials"], "scope": "mcp:read"});
    let answer = site.register(&asks).await;
    assert_eq!(answer.json()["grant_types"], json!(["authorization_code"]), "{answer:?}");
    let nothing_else = json!({"redirect_uris": [HOSTED_CALLBACK], "grant_types": ["client_credentials"]});
    refused(&site.register(&nothing_else).await, 400, "invalid_client_metadata");
    let add =
        ClientToAdd { name: "Public".to_owned(), public: true, scopes: Some(["mcp:read".to_owned()].into()), ..ClientToAdd::default() };
    assert!(site.auth.add_client(add).await.is_err());

    let client = service(&site, None).await;
    let given = Tokens::of(&client.ask(&site, "/token", &[("grant_type", "client_credentials")]).await);
    assert!(site.auth.remove_client(&client.id).await.expect("the store works"));
    assert_eq!(given.call(&site, "reads").await.status, 401, "a client that is gone has no token");
    refused(&client.ask(&site, "/token", &fields).await, 401, "invalid_client");
}
