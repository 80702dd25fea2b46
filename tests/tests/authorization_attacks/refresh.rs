//! Attacks with refresh tokens.

use std::time::Duration;

use mcp_testkit::http::Request;
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens};
use mcp_tests::protected::Answer;

use crate::bench::{AT_ONCE, assert_error, assert_recorded, assert_unwritten, at_once, cast, refresh_token, site};

/// Posts a form, detached from the test.
async fn posted(site: std::net::SocketAddr, path: &str, form: String) -> Answer {
    let headers = vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    Answer::of(Request { address: site, method: "POST", path: path.to_owned(), headers, body: form.into() }).await
}

fn renewal(client: &Client, token: &str) -> String {
    format!("grant_type=refresh_token&client_id={}&refresh_token={token}", client.id)
}

/// Renews tokens that must be good.
async fn renewed(site: &Authorized, client: &Client, tokens: &Tokens) -> Tokens {
    Tokens::of(&client.refresh(site, &refresh_token(tokens)).await)
}

#[tokio::test]
async fn attack_grants_an_old_refresh_token_ends_the_family() {
    let (site, client, ann) = cast().await;
    let other = client.connect(&site, &Person::new(&site, "bob"), "mcp:read").await;
    let first = client.connect(&site, &ann, "mcp:read").await;
    let second = renewed(&site, &client, &first).await;
    site.clock.advance(Duration::from_secs(61));
    assert_error(&client.refresh(&site, &refresh_token(&first)).await, 400, "invalid_grant");
    assert_recorded(&site, "oauth/refresh", "refresh token used twice");
    assert_error(&client.refresh(&site, &refresh_token(&second)).await, 400, "invalid_grant");
    for tokens in [&first, &second] {
        assert_eq!(tokens.call(&site, "reads").await.status, 401);
    }
    renewed(&site, &client, &other).await;
    assert_unwritten(&site, &[&first.access, &refresh_token(&first), &second.access, &refresh_token(&second)]);
}

#[tokio::test]
async fn attack_grants_two_generations_back_is_old_even_at_once() {
    let (site, client, ann) = cast().await;
    let first = client.connect(&site, &ann, "mcp:read").await;
    let second = renewed(&site, &client, &first).await;
    let third = renewed(&site, &client, &second).await;
    assert_error(&client.refresh(&site, &refresh_token(&first)).await, 400, "invalid_grant");
    assert_error(&client.refresh(&site, &refresh_token(&third)).await, 400, "invalid_grant");
    assert_recorded(&site, "oauth/refresh", "refresh token used twice");
    assert_unwritten(&site, &[&refresh_token(&first), &refresh_token(&third)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_grants_programs_that_share_a_refresh_token_stay_together() {
    let (site, client, ann) = cast().await;
    let mut tokens = client.connect(&site, &ann, "mcp:read").await;
    for count in [3, AT_ONCE] {
        let form = renewal(&client, &refresh_token(&tokens));
        let address = site.address;
        let answers = at_once(count, |_| {
            let form = form.clone();
            async move { posted(address, "/token", form).await }
        })
        .await;
        let all: Vec<Tokens> = answers.iter().map(Tokens::of).collect();
        assert!(all.iter().all(|one| one.refresh == all[0].refresh), "all get the same successor");
        // The answer was lost; the client asks again.
        site.clock.advance(Duration::from_secs(30));
        let again = renewed(&site, &client, &tokens).await;
        assert_eq!(again.refresh, all[0].refresh);
        assert_eq!(again.call(&site, "reads").await.status, 200);
        tokens = again;
    }
    renewed(&site, &client, &tokens).await;
    assert_recorded(&site, "oauth/refresh", "succeeded");
    assert!(!site.recorded("oauth/refresh", "refresh token used twice"));
    assert_unwritten(&site, &[&tokens.access, &refresh_token(&tokens)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_grants_what_is_taken_back_during_issuance_is_not_live_afterwards() {
    for how in ["reuse", "revocation"] {
        let (site, client, ann) = cast().await;
        let first = client.connect(&site, &ann, "mcp:read").await;
        let second = renewed(&site, &client, &first).await;
        site.clock.advance(Duration::from_secs(61));
        let (good, old) = (renewal(&client, &refresh_token(&second)), renewal(&client, &refresh_token(&first)));
        let revocation = format!("client_id={}&token={}", client.id, refresh_token(&second));
        let address = site.address;
        let answers = at_once(AT_ONCE, |at| {
            let (path, form) = match (at % 5, how) {
                (2, "reuse") => ("/token", old.clone()),
                (2, _) => ("/revoke", revocation.clone()),
                _ => ("/token", good.clone()),
            };
            async move { posted(address, path, form).await }
        })
        .await;
        for answer in answers.iter().filter(|answer| answer.status == 200 && answer.body.contains("access_token")) {
            let tokens = Tokens::of(answer);
            assert_eq!(tokens.call(&site, "reads").await.status, 401, "{how}");
            assert_error(&client.refresh(&site, &refresh_token(&tokens)).await, 400, "invalid_grant");
        }
        assert_error(&client.refresh(&site, &refresh_token(&second)).await, 400, "invalid_grant");
        let (operation, verdict) =
            if how == "reuse" { ("oauth/refresh", "refresh token used twice") } else { ("oauth/revoke", "succeeded") };
        assert_recorded(&site, operation, verdict);
        assert_unwritten(&site, &[&refresh_token(&first), &refresh_token(&second)]);
    }
}

#[tokio::test]
async fn attack_grants_a_refresh_token_is_its_clients() {
    let site = site().await;
    let ann = Person::new(&site, "ann");
    let client = Client::confidential(&site, HOSTED_CALLBACK).await;
    let thief = Client::public(&site, "https://thief.example/callback").await;
    let service = Client::confidential(&site, "https://service.example/callback").await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    let token = refresh_token(&tokens);
    let base = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    for _ in 0..3 {
        for other in [&thief, &service] {
            assert_error(&other.refresh(&site, &token).await, 400, "invalid_grant");
        }
        // As the client itself, but without showing that it is.
        let fields = [&base[..], &[("client_id", client.id.as_str())]].concat();
        assert_error(&site.post("/token", &fields).await, 401, "invalid_client");
        let fields = [&base[..], &[("client_id", client.id.as_str()), ("client_secret", "wrong")]].concat();
        assert_error(&site.post("/token", &fields).await, 401, "invalid_client");
    }
    assert_recorded(&site, "oauth/refresh", "refresh token of another client");
    assert_recorded(&site, "oauth/token", "invalid_client");
    site.clock.advance(Duration::from_secs(61));
    renewed(&site, &client, &tokens).await;
    assert_unwritten(&site, &[&token, client.secret.as_deref().expect("a secret")]);
}

#[tokio::test]
async fn attack_grants_refreshing_is_no_way_to_more() {
    let (site, client, ann) = cast().await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    let token = refresh_token(&tokens);
    let base = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    for (name, value, error) in [
        ("scope", "mcp:admin", "invalid_scope"),
        ("scope", "mcp:read mcp:execute", "invalid_scope"),
        ("scope", "mfa", "invalid_scope"),
        ("resource", "https://other.example/mcp", "invalid_target"),
        ("resource", "javascript:alert(1)", "invalid_target"),
    ] {
        let answer = client.ask(&site, "/token", &[&base[..], &[(name, value)]].concat()).await;
        assert_error(&answer, 400, error);
        assert_recorded(&site, "oauth/refresh", error);
    }
    let exchange = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", tokens.access.as_str()),
        ("scope", "mcp:admin"),
    ];
    assert_error(&client.ask(&site, "/token", &exchange).await, 400, "unsupported_grant_type");
    assert_error(&client.ask(&site, "/token", &[("grant_type", "password"), ("username", "ann")]).await, 400, "unsupported_grant_type");
    assert_error(
        &client.ask(&site, "/token", &[("grant_type", "client_credentials"), ("scope", "mcp:admin")]).await,
        400,
        "unauthorized_client",
    );
    // None of it used the token up: it is the newest one still.
    site.clock.advance(Duration::from_secs(61));
    let renewed = renewed(&site, &client, &tokens).await;
    assert_eq!(renewed.scope, "mcp:read");
    assert_unwritten(&site, &[&token, &renewed.access]);
}

#[tokio::test]
async fn attack_grants_what_a_client_says_of_itself_later_is_no_way_to_more() {
    let site = site().await;
    let ann = Person::new(&site, "ann");
    let metadata = serde_json::json!({"client_name": "Service", "redirect_uris": [HOSTED_CALLBACK], "scope": "mcp:read"});
    let registered = site.register(&metadata).await.json();
    let text = |name: &str| registered[name].as_str().expect("a text").to_owned();
    let client = Client { id: text("client_id"), secret: Some(text("client_secret")), redirect_uri: HOSTED_CALLBACK.to_owned() };
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    let management = text("registration_access_token");
    let change = serde_json::json!({
        "client_id": client.id, "client_name": "Service", "redirect_uris": [HOSTED_CALLBACK], "scope": "mcp:read mcp:admin",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    });
    let bearer = format!("Bearer {management}");
    let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
    // The test's HTTP client frames bodies of POST only.
    let length = change.to_string().len().to_string();
    let headers = [&headers[..], &[("Content-Length", length.as_str())]].concat();
    let path = format!("/register/{}", client.id);
    let changed = site.send("PUT", &path, &headers, &change.to_string()).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let renewed = renewed(&site, &client, &tokens).await;
    assert_eq!(renewed.scope, "mcp:read");
    let more = [("grant_type", "refresh_token"), ("refresh_token", &refresh_token(&renewed)), ("scope", "mcp:admin")];
    assert_error(&client.ask(&site, "/token", &more).await, 400, "invalid_scope");
    assert_error(&client.ask(&site, "/token", &[("grant_type", "client_credentials")]).await, 400, "unauthorized_client");
    assert_recorded(&site, "oauth/register", "succeeded");
    assert_unwritten(&site, &[&management, client.secret.as_deref().expect("a secret"), &renewed.access]);
}

#[tokio::test]
async fn attack_grants_refreshing_goes_on_neither_unused_nor_for_ever() {
    let (site, client, ann) = cast().await;
    let day = Duration::from_secs(86_400);
    let idle = client.connect(&site, &Person::new(&site, "bob"), "mcp:read").await;
    let mut tokens = client.connect(&site, &ann, "mcp:read").await;
    site.clock.advance(29 * day);
    tokens = renewed(&site, &client, &tokens).await;
    site.clock.advance(2 * day);
    assert_error(&client.refresh(&site, &refresh_token(&idle)).await, 400, "invalid_grant");
    // Ann gave it for 90 days.
    site.clock.advance(20 * day);
    tokens = renewed(&site, &client, &tokens).await;
    site.clock.advance(20 * day);
    tokens = renewed(&site, &client, &tokens).await;
    site.clock.advance(18 * day);
    let last = renewed(&site, &client, &tokens).await;
    site.clock.advance(2 * day);
    assert_error(&client.refresh(&site, &refresh_token(&last)).await, 400, "invalid_grant");
    assert_recorded(&site, "oauth/refresh", "unknown refresh token");
    assert_unwritten(&site, &[&refresh_token(&idle), &refresh_token(&last)]);
}
