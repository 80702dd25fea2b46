//! Attacks on requests to the authorization endpoint.

use std::time::Duration;

use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Client, Flow, HOSTED_CALLBACK, Person, challenge_of};

use crate::bench::{assert_error, assert_recorded, assert_unwritten, bystander, cast, code, page};

/// Where a request is led, with the parameters that it brings along.
async fn led_to(site: &Authorized, flow: &Flow) -> Landing {
    Person::new(site, "ann").browser.visit(&flow.url(site)).await.expect("an answer")
}

#[tokio::test]
async fn attack_authorize_a_stolen_code_is_nothing_without_the_verifier() {
    let (site, client, ann) = cast().await;
    let stolen = code(&site, &client, &ann, "mcp:read").await;
    // The thief began a sign-in of its own with the same client, and has a verifier that goes with that.
    let own = "A".repeat(43);
    for verifier in [Some(own.as_str()), None] {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", &stolen), ("redirect_uri", HOSTED_CALLBACK)];
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        assert_error(&client.ask(&site, "/token", &fields).await, 400, "invalid_grant");
    }
    assert_recorded(&site, "oauth/token", "wrong verifier");
    assert_unwritten(&site, &[&stolen]);
}

#[tokio::test]
async fn attack_authorize_pkce_is_not_taken_away() {
    let (site, client, ann) = cast().await;
    let flow = client.flow(&site, "mcp:read");
    let short = &challenge_of("x")[1..];
    for (what, attacked) in [
        ("no challenge", flow.clone().without("code_challenge")),
        ("no challenge and no method", flow.clone().without("code_challenge").without("code_challenge_method")),
        ("no method, which means plain", flow.clone().without("code_challenge_method")),
        ("plain", flow.clone().with("code_challenge_method", "plain")),
        ("another case", flow.clone().with("code_challenge_method", "s256")),
        ("an unknown method", flow.clone().with("code_challenge_method", "S512")),
        ("a challenge that is too short", flow.clone().with("code_challenge", short)),
        ("a challenge that is no base64url", flow.clone().with("code_challenge", &format!("{short}="))),
        ("an empty challenge", flow.clone().with("code_challenge", "")),
    ] {
        let landing = led_to(&site, &attacked).await;
        let led = ["error", "state", "iss", "code"].map(|name| landing.parameter(name));
        let expected = [Some("invalid_request".to_owned()), Some("st/ate=1".to_owned()), Some(site.url.clone()), None];
        assert_eq!(led, expected, "{what}: {landing:?}");
    }
    assert_recorded(&site, "oauth/authorize", "invalid_request");
    // And nobody can do without the verifier afterwards.
    let code = code(&site, &client, &ann, "mcp:read").await;
    let answer = client.ask(&site, "/token", &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert_error(&answer, 400, "invalid_grant");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_authorize_parameters_that_are_sent_twice_lead_nowhere() {
    let (site, client, _) = cast().await;
    let flow = client.flow(&site, "mcp:read");
    for (name, value) in [
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", HOSTED_CALLBACK),
        ("client_id", "another"),
        ("client_id", &client.id),
        ("state", "another"),
    ] {
        let answer = site.get(&flow.clone().and(name, value).path()).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{name} {answer:?}");
    }
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    // The others are refused as well, by then at the client.
    for name in ["scope", "code_challenge", "code_challenge_method", "response_type", "prompt"] {
        let landing = led_to(&site, &flow.clone().and(name, "x").and(name, "y")).await;
        assert_eq!(landing.parameter("error").as_deref(), Some("invalid_request"), "{name} {landing:?}");
    }
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_authorize_without_a_session_nothing_is_given_silently() {
    let (site, client, ann) = cast().await;
    let silent = client.flow(&site, "mcp:read").with("prompt", "none");
    let landing = ann.browser.visit(&silent.url(&site)).await.expect("an answer");
    assert_eq!((landing.parameter("error").as_deref(), landing.parameter("code")), (Some("login_required"), None), "{landing:?}");
    assert_recorded(&site, "oauth/authorize", "login_required");
    // Somebody who is signed in has decided nothing yet about this client, or something about another one.
    let first = code(&site, &client, &ann, "mcp:read").await;
    let other = Client::public(&site, "https://other.example/callback").await;
    let landing = ann.browser.visit(&other.flow(&site, "mcp:read").with("prompt", "none").url(&site)).await.expect("an answer");
    assert_eq!((landing.parameter("error").as_deref(), landing.parameter("code")), (Some("consent_required"), None), "{landing:?}");
    assert_recorded(&site, "oauth/authorize", "consent_required");
    assert_unwritten(&site, &[&first]);
}

#[tokio::test]
async fn attack_authorize_a_flood_of_requests_is_stopped_and_forgotten() {
    let (site, client, ann) = cast().await;
    let path = client.flow(&site, "mcp:read").path();
    let begun = ann.browser.visit(&format!("{}{path}", site.url)).await.map(page).expect("a page");
    for _ in 1..300 {
        assert_eq!(site.get(&path).await.status, 303);
    }
    let answer = site.get(&path).await;
    let location = answer.header("location").unwrap_or_default();
    assert!(location.starts_with(HOSTED_CALLBACK) && location.contains("error=temporarily_unavailable"), "{answer:?}");
    assert_recorded(&site, "oauth/authorize", "temporarily_unavailable");
    assert_eq!(ann.browser.visit(begun.url().as_str()).await.map(page).expect("a page").status(), 200);
    site.clock.advance(Duration::from_secs(601));
    assert_eq!(site.get(&path).await.status, 303, "after ten minutes it is not held against anybody");
    let over = ann.browser.visit(begun.url().as_str()).await.map(page).expect("a page");
    assert_eq!(over.status(), 400, "a request waits ten minutes: {}", over.text());
    let waiting = begun.url().query().expect("the name of the request").trim_start_matches("request=");
    assert_unwritten(&site, &[waiting]);
}

#[tokio::test]
async fn attack_authorize_who_knocks_without_a_session_leaves_little() {
    let (site, _, ann) = cast().await;
    for _ in 0..300 {
        assert_eq!(site.get("/agents").await.status, 303);
    }
    assert_eq!(site.get("/agents").await.status, 429);
    assert_recorded(&site, "login", "too many");
    let recorded = site.records().len();
    for _ in 0..300 {
        assert_eq!(site.get("/authorize?x").await.status, 400);
    }
    assert!(site.records().len() - recorded <= 100, "the log does not grow as fast as somebody knocks");
    site.clock.advance(Duration::from_secs(601));
    assert_eq!(page(ann.browser.visit(&format!("{}/agents", site.url)).await.expect("a page")).status(), 200);
    assert_unwritten(&site, &[&bystander(&site).await]);
}
