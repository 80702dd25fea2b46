//! Attacks on what is taken back, and by whom.

use mcp_testkit::browser::{Form, Page};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens, decide};

use crate::bench::{assert_error, assert_recorded, assert_unwritten, cast, page, refresh_token, site};

#[tokio::test]
async fn attack_grants_nobody_takes_back_what_is_not_its_own() {
    let (site, client, ann) = cast().await;
    let thief = Client::public(&site, "https://thief.example/callback").await;
    let service = Client::confidential(&site, "https://service.example/callback").await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    for other in [&thief, &service] {
        for token in [tokens.access.clone(), refresh_token(&tokens), "unknown".to_owned(), "mrt1.x.0.y".to_owned()] {
            let answer = other.ask(&site, "/revoke", &[("token", &token)]).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
        }
    }
    assert_recorded(&site, "oauth/revoke", "token of another client");
    assert_eq!(tokens.call(&site, "reads").await.status, 200);
    let renewed = Tokens::of(&client.refresh(&site, &refresh_token(&tokens)).await);
    assert_unwritten(&site, &[&tokens.access, &refresh_token(&tokens), &renewed.access]);
}

#[tokio::test]
async fn attack_grants_an_unknown_client_takes_nothing_back() {
    let (site, client, ann) = cast().await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    let token = refresh_token(&tokens);
    assert_error(&site.post("/revoke", &[("token", &token)]).await, 401, "invalid_client");
    assert_error(&site.post("/revoke", &[("token", &token), ("client_id", "unknown")]).await, 401, "invalid_client");
    assert_error(&site.post("/introspect", &[("token", &tokens.access), ("client_id", &client.id)]).await, 401, "invalid_client");
    assert_recorded(&site, "oauth/revoke", "invalid_client");
    assert_recorded(&site, "oauth/introspect", "invalid_client");
    assert_eq!(client.refresh(&site, &token).await.status, 200);
    assert_unwritten(&site, &[&tokens.access, &token]);
}

#[tokio::test]
async fn attack_grants_tokens_of_others_are_not_looked_into() {
    let (site, client, ann) = cast().await;
    let service = Client::confidential(&site, "https://service.example/callback").await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    for token in [tokens.access.clone(), refresh_token(&tokens), "unknown".to_owned()] {
        let answer = service.ask(&site, "/introspect", &[("token", &token)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"active":false}"#), "{answer:?}");
    }
    assert_recorded(&site, "oauth/introspect", "token of another client");
    assert_unwritten(&site, &[&tokens.access, &refresh_token(&tokens)]);
}

/// Checks that nothing a client was given is good any more.
async fn check_gone(site: &Authorized, client: &Client, tokens: &Tokens) {
    assert_eq!(tokens.call(site, "reads").await.status, 401);
    assert_error(&client.refresh(site, &refresh_token(tokens)).await, 401, "invalid_client");
    let answer = site.get(&client.flow(site, "mcp:read").path()).await;
    assert_eq!((answer.status, answer.header("location")), (400, None), "{answer:?}");
}

#[tokio::test]
async fn attack_grants_a_client_that_is_deleted_leaves_nothing() {
    let site = site().await;
    let ann = Person::new(&site, "ann");
    let registered = site.register(&serde_json::json!({"client_name": "Service", "redirect_uris": [HOSTED_CALLBACK]})).await.json();
    let text = |name: &str| registered[name].as_str().expect("a text").to_owned();
    let client = Client { id: text("client_id"), secret: Some(text("client_secret")), redirect_uri: HOSTED_CALLBACK.to_owned() };
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    assert_eq!(tokens.call(&site, "reads").await.status, 200);
    let bearer = format!("Bearer {}", text("registration_access_token"));
    let deleted = site.send("DELETE", &format!("/register/{}", client.id), &[("Authorization", &bearer)], "").await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    check_gone(&site, &client, &tokens).await;
    // By the operator as well.
    let other = Client::public(&site, "https://other.example/callback").await;
    let others = other.connect(&site, &ann, "mcp:read").await;
    assert_eq!(others.call(&site, "reads").await.status, 200);
    assert_eq!(site.auth.remove_client(&other.id).await, Ok(true));
    check_gone(&site, &other, &others).await;
    assert_recorded(&site, "oauth/register/manage", "succeeded");
    assert_recorded(&site, "oauth/token", "invalid_client");
    assert_unwritten(&site, &[&tokens.access, bearer.trim_start_matches("Bearer "), &others.access]);
}

/// Presses the button for all that is connected.
async fn disconnect_all(agents: &Page) {
    let button = |form: &Form| form.buttons().into_iter().find(|button| button.starts_with("Disconnect all"));
    let (form, button) = agents.forms().into_iter().find_map(|form| button(&form).map(|button| (form, button))).expect("a button");
    page(form.submit(Some(&button)).await.expect("a page"));
}

#[tokio::test]
async fn attack_grants_what_is_on_its_way_is_taken_back_too() {
    for how in ["page", "operator", "lock"] {
        let (site, client, ann) = cast().await;
        let tokens = client.connect(&site, &ann, "mcp:read").await;
        let again = ann.open(&site, &client.flow(&site, "mcp:read")).await.parameter("code").expect("it was decided");
        Tokens::of(&client.exchange(&site, &again).await);
        let code = ann.open(&site, &client.flow(&site, "mcp:read")).await.parameter("code").expect("it was decided");
        let user = site.auth.users().await.expect("the store works").remove(0).id;
        match how {
            "page" => {
                let agents = page(ann.browser.visit(&format!("{}/agents", site.url)).await.expect("a page"));
                disconnect_all(&agents).await;
            }
            "operator" => assert_eq!(site.auth.end_all_of(&user).await, Ok(true)),
            _ => assert_eq!(site.auth.lock_user(&user, true).await, Ok(true)),
        }
        assert_error(&client.exchange(&site, &code).await, 400, "invalid_grant");
        assert_eq!(tokens.call(&site, "reads").await.status, 401, "{how}");
        if how == "lock" {
            site.auth.lock_user(&user, false).await.expect("the store works");
        }
        let asked = page(ann.open(&site, &client.flow(&site, "mcp:read")).await);
        assert!(asked.title().starts_with("Allow "), "{how}: what was decided before is not remembered: {}", asked.text());
        assert_recorded(&site, "oauth/revoke", "succeeded");
        assert_unwritten(&site, &[&code, &tokens.access]);
    }
}

#[tokio::test]
async fn attack_grants_more_than_a_page_shows_is_taken_back() {
    let (site, client, ann) = cast().await;
    let mut last = client.connect(&site, &ann, "mcp:read").await;
    for _ in 0..205 {
        let code = ann.open(&site, &client.flow(&site, "mcp:read")).await.parameter("code").expect("it was decided");
        last = Tokens::of(&client.exchange(&site, &code).await);
    }
    let agents = page(ann.browser.visit(&format!("{}/agents", site.url)).await.expect("a page"));
    disconnect_all(&agents).await;
    assert_eq!(last.call(&site, "reads").await.status, 401);
    assert_eq!(site.auth.users().await.expect("the store works")[0].grants, 0);
    assert_recorded(&site, "oauth/revoke", "succeeded");
    assert_unwritten(&site, &[&last.access]);
}

#[tokio::test]
async fn attack_grants_a_client_that_hides_does_not_come_back_unasked() {
    let (site, client, ann) = cast().await;
    let tokens = client.connect(&site, &ann, "mcp:read").await;
    assert_eq!(client.ask(&site, "/revoke", &[("token", &refresh_token(&tokens))]).await.status, 200);
    let silent = ann.open(&site, &client.flow(&site, "mcp:read").with("prompt", "none")).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("consent_required"), "{silent:?}");
    assert_recorded(&site, "oauth/authorize", "consent_required");
    assert_unwritten(&site, &[&tokens.access]);
}

#[tokio::test]
async fn attack_authorize_a_client_that_is_gone_when_a_person_decides_gets_nothing() {
    let site = site().await;
    let ann = Person::new(&site, "ann");
    let registered = site.register(&serde_json::json!({"client_name": "App", "redirect_uris": [HOSTED_CALLBACK]})).await.json();
    let text = |name: &str| registered[name].as_str().expect("a text").to_owned();
    let client = Client { id: text("client_id"), secret: Some(text("client_secret")), redirect_uri: HOSTED_CALLBACK.to_owned() };
    let asked = page(ann.open(&site, &client.flow(&site, "mcp:read")).await);
    let bearer = format!("Bearer {}", text("registration_access_token"));
    assert_eq!(site.send("DELETE", &format!("/register/{}", client.id), &[("Authorization", &bearer)], "").await.status, 204);
    let decided = page(decide(&asked, true).await);
    assert!(decided.status() == 400 && decided.text().contains("This app has changed meanwhile"), "{}", decided.text());
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&text("client_secret")]);
}
