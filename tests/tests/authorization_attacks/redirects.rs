//! Attacks on where people are led.

use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, LOOPBACK_CALLBACK};

use crate::bench::{assert_recorded, assert_unwritten, bystander, cast, site};

const CLAUDE: &str = "https://claude.ai/api/mcp/auth_callback";

/// Asks for a redirect, and checks that a page says what is wrong and nobody is led anywhere, whatever else is wrong.
async fn check_lost(site: &Authorized, client: &Client, redirect: &str) {
    let flow = client.flow(site, "mcp:read").with("redirect_uri", redirect);
    for flow in [flow.clone(), flow.without("code_challenge").with("response_type", "token")] {
        let answer = site.get(&flow.path()).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{redirect:?}: {answer:?}");
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{answer:?}");
        assert!(!answer.body.contains("evil"), "{redirect:?} is not made a link of: {}", answer.body);
    }
}

#[tokio::test]
async fn attack_authorize_only_what_was_registered_is_led_back_to() {
    let site = site().await;
    let hosted = Client::public(&site, CLAUDE).await;
    for redirect in [
        "https://claude.ai.evil.com/api/mcp/auth_callback",
        "https://claude.ai@evil.com/api/mcp/auth_callback",
        "https://evil.com/https://claude.ai/api/mcp/auth_callback",
        "//evil.com/api/mcp/auth_callback",
        "https:evil.com/api/mcp/auth_callback",
        "https://claude.ai/api/mcp/auth_callback/../x",
        "https://claude.ai/api/mcp/./auth_callback",
        "https://claude.ai/api/mcp/auth_callback/",
        "https://claude.ai/api/mcp/auth_callback?next=https://evil.com",
        "https://claude.ai/api/mcp/auth_callback#fragment",
        "https://claude.ai/api/mcp/%2e%2e/mcp/auth_callback",
        "https://claude.ai/api/mcp/auth%5Fcallback",
        "https://claude.ai\\@evil.com/api/mcp/auth_callback",
        "https://evil.com\\.claude.ai/api/mcp/auth_callback",
        "https://claude.ai/api/mcp/auth_callback\t",
        "https://claude.ai/api/mcp/auth_callback\r\nLocation: https://evil.com",
        " https://claude.ai/api/mcp/auth_callback",
        "https://cl\u{430}ude.ai/api/mcp/auth_callback",
        "https://xn--clude-evil.ai/api/mcp/auth_callback",
        "https://claude.ai:8443/api/mcp/auth_callback",
        "https://claude.ai:443/api/mcp/auth_callback",
        "https://CLAUDE.ai/api/mcp/auth_callback",
        "https://claude.ai./api/mcp/auth_callback",
        "http://claude.ai/api/mcp/auth_callback",
        "https://user@claude.ai/api/mcp/auth_callback",
        "javascript:alert(1)//claude.ai/api/mcp/auth_callback",
        "data:text/html,evil",
        "*",
        "https://*.claude.ai/api/mcp/auth_callback",
    ] {
        check_lost(&site, &hosted, redirect).await;
    }
    let local = Client::public(&site, LOOPBACK_CALLBACK).await;
    for redirect in [
        "http://localhost.evil.com:51234/callback",
        "http://127.0.0.1.nip.io:51234/callback",
        "http://127.0.0.1@evil.com:51234/callback",
        "http://[::ffff:127.0.0.1]:51234/callback",
        "http://127.1:51234/callback",
        "http://2130706433:51234/callback",
        "http://0x7f.0.0.1:51234/callback",
        "http://0177.0.0.1:51234/callback",
        "http://127.0.0.1:51234/callback/x",
        "http://127.0.0.1:51234/callback?x=1",
        "http://127.0.0.1:51234x/callback",
        "http://127.0.0.1:99999/callback",
        "https://127.0.0.1:51234/callback",
        "http://0.0.0.0:51234/callback",
        "http://127.0.0.2:51234/callback",
        "http://[::1]:51234/callback",
        "http://localhost:51234/callback",
    ] {
        check_lost(&site, &local, redirect).await;
    }
    // Only the port is the program's to choose.
    let other_port = local.flow(&site, "mcp:read").with("redirect_uri", "http://127.0.0.1:60001/callback");
    assert_eq!(site.get(&other_port.path()).await.status, 303);
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_authorize_nobody_is_led_anywhere_for_a_client_that_is_not_known() {
    let (site, client, _) = cast().await;
    for id in ["", "c_unknown", "p_0000", "'; DROP TABLE clients", "\u{202e}", &"x".repeat(600), &client.id[1..]] {
        let flow = client.flow(&site, "mcp:read").with("client_id", id).with("response_type", "token");
        let answer = site.get(&flow.path()).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{id:?}: {answer:?}");
    }
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_authorize_no_parameter_says_where_to_go_afterwards() {
    let (site, client, ann) = cast().await;
    let evil = "https://evil.example/";
    let names = ["post_login", "return_to", "next", "logout_uri", "post_logout_redirect_uri", "request_uri2", "continue", "url"];
    let mut flow = client.flow(&site, "mcp:read");
    for name in names {
        flow = flow.with(name, evil);
    }
    let landing = ann.allow(&site, &flow).await;
    let code = landing.parameter("code").expect("a code");
    assert!(landing.external().expect("the client").as_str().starts_with(HOSTED_CALLBACK));
    let query: String = names.iter().map(|name| format!("&{name}={evil}")).collect();
    for path in [
        "/continue?request=",
        "/continue?request=https://evil.example/",
        "/agents?x=",
        "/logout?x=",
        "/login/developer?request=",
        "/login/developer/begin?request=",
        "/login/developer/callback?state=https://evil.example/",
        "/login/email/link?t=https://evil.example/",
        "/switch?request=",
        "/consent?request=",
        "/factor?request=",
    ] {
        for method in ["GET", "POST"] {
            let answer = site.send(method, &format!("{path}{query}"), &[], "").await;
            let location = answer.header("location").unwrap_or(&site.url);
            assert!(location.starts_with(&format!("{}/", site.url)) || location == site.url, "{method} {path}: {answer:?}");
            assert!(!location.contains("evil"), "{method} {path}: {answer:?}");
        }
    }
    for step in ann.browser.history() {
        let location = step.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, value)| value.as_str());
        assert!(!location.is_some_and(|location| location.starts_with(evil)), "{step:?}");
    }
    assert_recorded(&site, "oauth/authorize", "succeeded");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_authorize_every_answer_says_who_answers() {
    let (site, client, ann) = cast().await;
    let flow = client.flow(&site, "mcp:read");
    let denied = ann.deny(&site, &flow).await;
    let allowed = ann.allow(&site, &flow).await;
    let code = allowed.parameter("code").expect("a code");
    let wrong = ann.browser.visit(&flow.clone().with("response_type", "token").url(&site)).await.expect("an answer");
    for landing in [denied, allowed, wrong] {
        assert_eq!(landing.parameter("iss").as_deref(), Some(site.url.as_str()), "{landing:?}");
        assert_eq!(landing.parameter("state").as_deref(), Some("st/ate=1"), "{landing:?}");
    }
    let metadata = site.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["issuer"], site.url.as_str());
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_recorded(&site, "oauth/authorize", "by the person");
    assert_recorded(&site, "oauth/authorize", "unsupported_response_type");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_authorize_nothing_that_was_posted_is_posted_on() {
    let (site, client, ann) = cast().await;
    let landing = ann.allow(&site, &client.flow(&site, "mcp:read")).await;
    let code = landing.parameter("code").expect("a code");
    let posted: Vec<_> = ann.browser.history().into_iter().filter(|step| step.method == "POST").collect();
    assert!(posted.len() >= 3, "{posted:?}");
    for step in &posted {
        assert!(matches!(step.status, 200 | 303), "{step:?}");
    }
    let authorize = client.flow(&site, "mcp:read").path();
    let (_, form) = authorize.split_once('?').expect("a query");
    let answer = site.send("POST", "/authorize", &[("Content-Type", "application/x-www-form-urlencoded")], form).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_recorded(&site, "login", "succeeded");
    let session = ann.browser.cookie("mcp_session").expect("a session").value;
    assert_unwritten(&site, &[&code, &session]);
}
