//! Clients that register themselves, and what they can change afterwards.

use std::time::Duration;

use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person};
use mcp_tests::protected::{Answer, Signer};
use serde_json::{Value, json};

use crate::support::{assert_not_recorded, refresh_of, refused, tokens};

#[tokio::test]
async fn as_23_what_a_client_can_do_besides_is_left_out_and_not_refused() {
    let site = Authorized::start().await;
    let key = json!({"keys": [Signer::new("one").jwk()]});
    let body = |changes: Value| {
        let mut body = json!({"client_name": "ChatGPT", "redirect_uris": [HOSTED_CALLBACK]});
        body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        body
    };
    let many = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "client_credentials", "implicit"];
    for (changes, method, grants) in [
        (json!({"token_endpoint_auth_method": "none", "grant_types": many}), "none", json!(["authorization_code", "refresh_token"])),
        (
            json!({"token_endpoint_auth_methods_supported": ["private_key_jwt", "none"], "grant_types": ["authorization_code"]}),
            "none",
            json!(["authorization_code"]),
        ),
        (
            json!({"token_endpoint_auth_methods_supported": ["tls_client_auth", "private_key_jwt"], "jwks": key}),
            "private_key_jwt",
            json!(["authorization_code", "refresh_token"]),
        ),
        (
            json!({"response_types": ["code", "token"], "token_endpoint_auth_method": "none"}),
            "none",
            json!(["authorization_code", "refresh_token"]),
        ),
    ] {
        let answer = site.register(&body(changes.clone())).await;
        assert_eq!(answer.status, 201, "{changes} {answer:?}");
        let registered = answer.json();
        assert_eq!((&registered["token_endpoint_auth_method"], &registered["grant_types"]), (&json!(method), &grants), "{changes}");
        assert_eq!(registered["response_types"], json!(["code"]));
    }
    for changes in [
        json!({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]}),
        json!({"response_types": ["token"]}),
        json!({"token_endpoint_auth_method": "tls_client_auth"}),
        json!({"token_endpoint_auth_method": "private_key_jwt"}),
        json!({"token_endpoint_auth_methods_supported": ["client_secret_jwt"]}),
    ] {
        refused(&site.register(&body(changes)).await, 400, "invalid_client_metadata");
    }
    assert!(site.recorded("oauth/register", "invalid_client_metadata"));
}

#[tokio::test]
async fn as_24_a_registration_is_answered_with_what_came_of_it() {
    let site = Authorized::start().await;
    let now = site.clock.unix_seconds();
    let answer = site.register(&json!({"redirect_uris": [HOSTED_CALLBACK], "scope": "openid profile email"})).await;
    assert_eq!(answer.status, 201);
    let registered = answer.json();
    for (member, value) in [
        ("client_id_issued_at", json!(now)),
        ("client_secret_expires_at", json!(0)),
        ("redirect_uris", json!([HOSTED_CALLBACK])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("grant_types", json!(["authorization_code", "refresh_token"])),
        ("response_types", json!(["code"])),
    ] {
        assert_eq!(registered[member], value, "{member}");
    }
    let secret = registered["client_secret"].as_str().expect("a secret");
    assert!(secret.len() >= 43, "256 bits");
    assert_not_recorded(&site, &[secret, registered["registration_access_token"].as_str().expect("a token")]);

    let public = json!({"redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "none", "software_statement": "e30.e30.e30"});
    let registered = site.register(&public).await.json();
    for absent in ["client_secret", "client_secret_expires_at", "software_statement", "registration_access_token"] {
        assert!(registered.get(absent).is_none(), "{absent} {registered}");
    }
    for (body, error) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": "https://client.example/callback"}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [1]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [HOSTED_CALLBACK], "grant_types": "authorization_code"}), "invalid_client_metadata"),
        (json!({"redirect_uris": [HOSTED_CALLBACK], "jwks": {}, "jwks_uri": "https://client.example/keys"}), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        refused(&site.register(&body).await, 400, error);
    }
    let twice = format!(r#"{{"redirect_uris": ["{HOSTED_CALLBACK}"], "redirect_uris": ["https://evil.example/"]}}"#);
    refused(&site.send("POST", "/register", &[("Content-Type", "application/json")], &twice).await, 400, "invalid_client_metadata");
    let mut private = Signer::new("one").jwk();
    private["d"] = json!("AA");
    let body = json!({"redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [private]}});
    refused(&site.register(&body).await, 400, "invalid_client_metadata");
}

#[tokio::test]
async fn as_25_what_cursor_registers_is_taken_and_one_dangerous_redirect_is_not() {
    let site = Authorized::start().await;
    let body = json!({
        "client_name": "Cursor",
        "redirect_uris": [
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    });
    let answer = site.register(&body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["redirect_uris"], body["redirect_uris"]);

    // A browser may not follow a redirect to a program; a page leads there.
    let id = answer.json()["client_id"].as_str().expect("an id").to_owned();
    let cursor = Client { id, secret: None, redirect_uri: "cursor://anysphere.cursor-mcp/oauth/callback".to_owned() };
    let page = Person::new(&site, "ann").allow(&site, &cursor.flow(&site, "mcp:read")).await.page().expect("a page that leads on");
    let link = page.links().into_iter().find(|link| link.url.scheme() == "cursor").expect("a link");
    let code = crate::support::parameter(&link.url, "code").expect("a code");
    assert_eq!(cursor.exchange(&site, &code).await.status, 200);

    for dangerous in ["javascript:alert(1)", "data:text/html,x", "http://cursor.com/callback"] {
        let mut body = body.clone();
        body["redirect_uris"][1] = json!(dangerous);
        refused(&site.register(&body).await, 400, "invalid_redirect_uri");
    }
    assert!(site.recorded("oauth/register", "invalid_redirect_uri"));
}

/// A registration that can be changed.
struct Managed {
    path: String,
    token: String,
}

impl Managed {
    fn of(site: &Authorized, registered: &Value) -> Self {
        let uri = registered["registration_client_uri"].as_str().expect("a URI");
        let path = uri.strip_prefix(&site.url).expect("it is at this server").to_owned();
        Self { path, token: registered["registration_access_token"].as_str().expect("a token").to_owned() }
    }

    async fn send(&self, site: &Authorized, method: &'static str, token: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (bearer, length) = (format!("Bearer {token}"), body.len().to_string());
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ("Content-Length", length.as_str())];
        site.send(method, &self.path, &headers, &body).await
    }
}

#[tokio::test]
async fn as_26_who_got_a_token_for_it_reads_changes_and_removes_its_registration() {
    let site = Authorized::start().await;
    let registered = site.register(&json!({"client_name": "Before", "redirect_uris": [HOSTED_CALLBACK]})).await.json();
    let managed = Managed::of(&site, &registered);
    let id = registered["client_id"].as_str().expect("an id").to_owned();
    let secret = registered["client_secret"].as_str().expect("a secret").to_owned();
    let read = managed.send(&site, "GET", &managed.token, &Value::Null).await;
    assert_eq!((read.status, &read.json()["client_name"]), (200, &json!("Before")), "{read:?}");
    assert_eq!(read.header("cache-control"), Some("no-store"));

    let other = Managed::of(&site, &site.register(&json!({"redirect_uris": [HOSTED_CALLBACK]})).await.json());
    for token in ["wrong", other.token.as_str(), secret.as_str()] {
        for method in ["GET", "DELETE"] {
            let answer = managed.send(&site, method, token, &Value::Null).await;
            assert_eq!((answer.status, answer.challenge().starts_with("Bearer")), (401, true), "{method} {answer:?}");
        }
    }
    assert_eq!(site.get(&managed.path).await.status, 401);
    assert!(site.recorded("oauth/register/manage", "invalid_token"));

    let client = Client { id: id.clone(), secret: Some(secret), redirect_uri: HOSTED_CALLBACK.to_owned() };
    let ann = Person::new(&site, "ann");
    let given = tokens(&site, &ann, &client, "mcp:read").await;
    assert_eq!(given.call(&site, "reads").await.status, 200);

    let change = json!({"client_id": id, "client_name": "After", "redirect_uris": [HOSTED_CALLBACK, "https://client.example/other"]});
    let changed = managed.send(&site, "PUT", &managed.token, &change).await;
    assert_eq!((changed.status, &changed.json()["client_name"]), (200, &json!("After")), "{changed:?}");
    assert_eq!(managed.send(&site, "GET", &managed.token, &Value::Null).await.status, 401, "there is a new token");
    let managed = Managed::of(&site, &changed.json());
    let evil = json!({"client_id": id, "redirect_uris": ["javascript:alert(1)"]});
    refused(&managed.send(&site, "PUT", &managed.token, &evil).await, 400, "invalid_redirect_uri");
    let foreign = json!({"client_id": "c_other", "redirect_uris": [HOSTED_CALLBACK]});
    refused(&managed.send(&site, "PUT", &managed.token, &foreign).await, 400, "invalid_client_metadata");

    assert_eq!(managed.send(&site, "DELETE", &managed.token, &Value::Null).await.status, 204);
    assert!(site.recorded("oauth/register", "succeeded"));
    refused(&client.refresh(&site, refresh_of(&given)).await, 401, "invalid_client");
    assert_eq!(site.get(&client.flow(&site, "mcp:read").path()).await.status, 400);
    assert_eq!(managed.send(&site, "GET", &managed.token, &Value::Null).await.status, 401);
    site.clock.advance(Duration::from_secs(31));
    assert_eq!(given.call(&site, "reads").await.status, 401, "what the client was given went with it");
    assert_not_recorded(&site, &[&managed.token, &given.access]);
}

#[tokio::test]
async fn as_26_public_clients_that_say_the_same_are_one_and_nobody_manages_it() {
    let site = Authorized::start().await;
    let body = |port: u16, name: &str| {
        let uri = format!("http://127.0.0.1:{port}/callback");
        json!({"client_name": name, "redirect_uris": [uri], "token_endpoint_auth_method": "none"})
    };
    let first = site.register(&body(1_001, "Claude Code")).await.json();
    let again = site.register(&body(1_002, "Claude Code")).await.json();
    let other = site.register(&body(1_001, "Other")).await.json();
    assert_eq!(first["client_id"], again["client_id"]);
    assert_ne!(first["client_id"], other["client_id"]);
    assert_eq!(again["redirect_uris"], json!(["http://127.0.0.1:1002/callback"]), "each is told its own");
    for absent in ["registration_client_uri", "registration_access_token", "client_secret"] {
        assert!(first.get(absent).is_none() && again.get(absent).is_none(), "{absent}");
    }
    let path = format!("/register/{}", first["client_id"].as_str().expect("an id"));
    assert_eq!(site.send("DELETE", &path, &[("Authorization", "Bearer ")], "").await.status, 401);
    assert_eq!(site.auth.clients().await.expect("the store works").len(), 2);
}
