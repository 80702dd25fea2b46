//! Attacks by clients that register themselves.

use mcp_testkit::{Document, DocumentHost};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK};
use mcp_tests::protected::Answer;
use serde_json::{Value, json};

use crate::bench::{assert_error, assert_recorded, assert_unwritten, bystander, site};

fn public(name: &str, uris: &[&str]) -> Value {
    json!({"client_name": name, "redirect_uris": uris, "token_endpoint_auth_method": "none"})
}

/// A request to the management URI of a client.
async fn manage(site: &Authorized, method: &'static str, id: &str, token: &str, body: &Value) -> Answer {
    let (bearer, body) = (format!("Bearer {token}"), if body.is_null() { String::new() } else { body.to_string() });
    let length = body.len().to_string();
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ("Content-Length", &length)];
    site.send(method, &format!("/register/{id}"), &headers, &body).await
}

#[tokio::test]
async fn attack_clients_nothing_that_a_registration_names_is_fetched() {
    let site = site().await;
    let host = DocumentHost::open().await;
    host.serve("/x", Document::json(&json!({"keys": []})));
    let url = host.url("/x");
    for member in [
        "jwks_uri",
        "logo_uri",
        "client_uri",
        "policy_uri",
        "tos_uri",
        "sector_identifier_uri",
        "request_uri",
        "initiate_login_uri",
        "software_statement",
        "backchannel_logout_uri",
    ] {
        let mut metadata = public("App", &[HOSTED_CALLBACK]);
        metadata[member] = json!(url);
        let answer = site.register(&metadata).await;
        assert!(matches!(answer.status, 201 | 400), "{member}: {answer:?}");
    }
    let mut several = public("App", &[HOSTED_CALLBACK]);
    several["request_uris"] = json!([url]);
    assert!(matches!(site.register(&several).await.status, 201 | 400));
    assert_eq!(host.asked().len(), 0, "{:?}", host.asked());
    assert_recorded(&site, "oauth/register", "succeeded");
    let secret = Client::confidential(&site, HOSTED_CALLBACK).await.secret.expect("a secret");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test]
async fn attack_clients_a_registration_is_small() {
    let site = site().await;
    let long = format!("https://client.example/{}", "x".repeat(2_048));
    let many: Vec<String> = (0..1_000).map(|number| format!("https://client.example/{number}")).collect();
    let eleven = &many[..11];
    let refs = |uris: &[String]| json!({"redirect_uris": uris, "token_endpoint_auth_method": "none"});
    for (what, body, status) in [
        ("a megabyte", format!("{{\"redirect_uris\":[\"https://a.example/\"],\"x\":\"{}\"}}", "x".repeat(1_000_000)), 413),
        ("seventeen kilobytes", format!("{{\"redirect_uris\":[\"https://a.example/\"],\"x\":\"{}\"}}", "x".repeat(17_000)), 413),
        ("a thousand redirect URIs", refs(&many).to_string(), 413),
        ("eleven redirect URIs", refs(eleven).to_string(), 400),
        ("a long redirect URI", refs(&[long]).to_string(), 400),
        ("no redirect URI", json!({"redirect_uris": []}).to_string(), 400),
        ("deep JSON", "[".repeat(10_000), 400),
        ("a member twice", r#"{"redirect_uris":["https://a.example/"],"redirect_uris":["https://b.example/"]}"#.to_owned(), 400),
        ("no JSON", "redirect_uris=x".to_owned(), 400),
    ] {
        let answer = site.send("POST", "/register", &[("Content-Type", "application/json")], &body).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert!(answer.body.len() < 1_000, "{what}");
    }
    assert_recorded(&site, "oauth/register", "invalid_client_metadata");
    assert_eq!(site.auth.clients().await.expect("the store works"), []);
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_dangerous_redirects_are_not_registered() {
    let site = site().await;
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://evil.example/x",
        "about:blank",
        "http://evil.example/",
        "http://localhost.evil.example/",
        "https://evil.example/#x",
        "https://user@evil.example/",
        "https://*.example.com/",
        "https://evil.example\\@good.example/",
        "/relative",
        "",
    ] {
        let answer = site.register(&public("App", &[HOSTED_CALLBACK, uri])).await;
        assert_error(&answer, 400, "invalid_redirect_uri");
    }
    assert_recorded(&site, "oauth/register", "invalid_redirect_uri");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_a_flood_of_registrations_leaves_little() {
    let site = site().await;
    let mut ids = std::collections::BTreeSet::new();
    for port in 0..20 {
        // The same program on another port each time.
        let answer = site.register(&public("App", &[&format!("http://127.0.0.1:{}/callback", 50_000 + port)])).await;
        assert_eq!(answer.status, 201);
        ids.insert(answer.json()["client_id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids.len(), 1, "a client that says the same is the same");
    for number in 1..300 {
        assert_eq!(site.register(&public(&format!("App {number}"), &[HOSTED_CALLBACK])).await.status, 201, "{number}");
    }
    assert_error(&site.register(&public("One more", &[HOSTED_CALLBACK])).await, 429, "slow_down");
    let spoofed = [("Content-Type", "application/json"), ("X-Forwarded-For", "192.0.2.9")];
    assert_eq!(site.send("POST", "/register", &spoofed, &public("One more", &[HOSTED_CALLBACK]).to_string()).await.status, 429);
    assert_eq!(site.register(&public("App 1", &[HOSTED_CALLBACK])).await.status, 201, "who is known is not in the way of anybody");
    assert_eq!(site.auth.clients().await.expect("the store works").len(), 300);
    assert_recorded(&site, "oauth/register", "slow_down");
    site.clock.advance(std::time::Duration::from_secs(24 * 3_600 + 1));
    assert_eq!(site.auth.clients().await.expect("the store works"), [], "who never used it is forgotten after a day");
    let secret = Client::confidential(&site, HOSTED_CALLBACK).await.secret.expect("a secret");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test]
async fn attack_clients_there_is_room_for_so_many() {
    let site = Authorized::with(|builder| builder.max_clients(3)).await;
    for number in 0..3 {
        assert_eq!(site.register(&public(&format!("App {number}"), &[HOSTED_CALLBACK])).await.status, 201, "{number}");
    }
    for number in 3..6 {
        let answer = site.register(&public(&format!("App {number}"), &[HOSTED_CALLBACK])).await;
        assert_error(&answer, 503, "temporarily_unavailable");
    }
    assert_eq!(site.register(&public("App 1", &[HOSTED_CALLBACK])).await.status, 201, "who is known needs no room");
    assert_eq!(site.auth.clients().await.expect("the store works").len(), 3);
    assert_recorded(&site, "oauth/register", "temporarily_unavailable");
    site.clock.advance(std::time::Duration::from_secs(24 * 3_600 + 1));
    assert_eq!(site.register(&public("App 6", &[HOSTED_CALLBACK])).await.status, 201, "who never used it made room");
}

#[tokio::test]
async fn attack_clients_who_registers_itself_gets_no_power_by_it() {
    let site = site().await;
    let metadata = json!({
        "client_name": "Service", "redirect_uris": [HOSTED_CALLBACK], "scope": "mcp:admin mfa",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", "password", "implicit"],
        "response_types": ["code", "token"], "client_id": "chosen", "client_secret": "chosen", "source": "operator", "scopes": ["mcp:admin"],
    });
    let answer = site.register(&metadata).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let registered = answer.json();
    assert_eq!(registered["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert!(!registered.to_string().contains("mcp:admin"), "{registered}");
    let text = |name: &str| registered[name].as_str().expect("a text").to_owned();
    assert!(text("client_id") != "chosen" && text("client_secret") != "chosen");
    let client = Client { id: text("client_id"), secret: Some(text("client_secret")), redirect_uri: HOSTED_CALLBACK.to_owned() };
    let wish = [("grant_type", "client_credentials"), ("scope", "mcp:admin")];
    assert_error(&client.ask(&site, "/token", &wish).await, 400, "unauthorized_client");
    let token = client.flow(&site, "mcp:read").with("response_type", "token");
    let answer = site.get(&token.path()).await;
    assert!(answer.header("location").is_some_and(|location| location.contains("error=unsupported_response_type")), "{answer:?}");
    assert_recorded(&site, "oauth/token", "client credentials");
    assert_unwritten(&site, &[&text("client_secret"), &text("registration_access_token")]);
}

#[tokio::test]
async fn attack_clients_a_registration_is_changed_by_its_own_token_only() {
    let site = site().await;
    let made = async |name: &str| {
        let registered = site.register(&json!({"client_name": name, "redirect_uris": [HOSTED_CALLBACK]})).await.json();
        let text = |name: &str| registered[name].as_str().expect("a text").to_owned();
        (text("client_id"), text("registration_access_token"), text("client_secret"))
    };
    let (one, other) = (made("One").await, made("Other").await);
    let evil = |id: &str| json!({"client_id": id, "client_name": "Evil", "redirect_uris": ["https://evil.example/"]});
    for method in ["GET", "PUT", "DELETE"] {
        for token in ["", "wrong", &other.1, &one.1[..20], &one.2] {
            let answer = manage(&site, method, &one.0, token, &evil(&one.0)).await;
            assert_eq!(answer.status, 401, "{method} {token}: {answer:?}");
            assert!(!answer.body.contains(HOSTED_CALLBACK), "{answer:?}");
        }
    }
    assert_recorded(&site, "oauth/register/manage", "invalid_token");
    assert_eq!(manage(&site, "PUT", &other.0, &other.1, &evil(&one.0)).await.status, 400, "its token is for its own");
    let changed =
        manage(&site, "PUT", &one.0, &one.1, &json!({"client_id": one.0, "client_name": "One", "redirect_uris": [HOSTED_CALLBACK]})).await;
    let fresh = changed.json()["registration_access_token"].as_str().expect("another token").to_owned();
    assert_ne!(fresh, one.1);
    assert_eq!(manage(&site, "GET", &one.0, &one.1, &Value::Null).await.status, 401, "the token of before is none any more");
    let read = manage(&site, "GET", &one.0, &fresh, &Value::Null).await;
    assert!(read.status == 200 && !read.body.contains(&one.2), "a secret is not told again: {read:?}");
    assert_unwritten(&site, &[&one.1, &one.2, &other.1, &fresh]);
}
