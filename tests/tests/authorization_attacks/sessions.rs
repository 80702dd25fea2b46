//! Attacks on sessions, and on modes that are for development.

use std::time::Duration;

use mcp_auth::server::{AuthServer, Developer, DeveloperLogin, LogMailer, MagicLink, MasterKey};
use mcp_store::Memory;

use crate::bench::{assert_recorded, assert_unwritten, cast, page};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn attack_login_a_stolen_session_ends_when_it_is_not_used_and_after_half_a_day() {
    let (site, client, ann) = cast().await;
    let agents = format!("{}/agents", site.url);
    let flow = client.flow(&site, "mcp:read");
    let is_signed_in = async || page(ann.browser.visit(&agents).await.expect("a page")).title().starts_with("Connected apps");
    ann.open(&site, &flow).await;
    let first = ann.browser.cookie("mcp_session").expect("a session");
    assert!(first.http_only && first.host_only && first.path == "/", "{first:?}");
    assert!(is_signed_in().await);
    site.clock.advance(61 * MINUTE);
    assert!(!is_signed_in().await, "an hour without use ends it");
    ann.open(&site, &flow).await;
    for _ in 0..23 {
        site.clock.advance(30 * MINUTE);
        assert!(is_signed_in().await, "use keeps it");
    }
    site.clock.advance(31 * MINUTE);
    assert!(!is_signed_in().await, "after half a day it ends");
    assert_recorded(&site, "login", "succeeded");
    assert_unwritten(&site, &[&first.value]);
}

#[tokio::test]
async fn attack_login_a_session_that_was_ended_is_none() {
    let (site, client, ann) = cast().await;
    ann.open(&site, &client.flow(&site, "mcp:read")).await;
    let stolen = ann.browser.cookie("mcp_session").expect("a session").value;
    let cookie = format!("mcp_session={stolen}");
    let shown = async || site.send("GET", "/agents", &[("Cookie", &cookie)], "").await.status;
    assert_eq!(shown().await, 200);
    let agents = page(ann.browser.visit(&format!("{}/agents", site.url)).await.expect("a page"));
    page(agents.form("Sign out").expect("a button").submit(None).await.expect("a page"));
    assert_eq!(shown().await, 303, "who signs out takes the thief along");
    ann.open(&site, &client.flow(&site, "mcp:read")).await;
    let second = ann.browser.cookie("mcp_session").expect("a session").value;
    let user = site.auth.users().await.expect("the store works").remove(0).id;
    site.auth.end_all_of(&user).await.expect("the store works");
    let answer = site.send("GET", "/agents", &[("Cookie", &format!("mcp_session={second}"))], "").await;
    assert_eq!(answer.status, 303, "so does the operator: {answer:?}");
    // Nobody signs somebody else out from another site.
    ann.open(&site, &client.flow(&site, "mcp:read")).await;
    let forged = ann.browser.cross_site(&format!("{}/logout", site.url), &[]).await.expect("an answer");
    assert!(page(forged).status() < 500);
    assert!(page(ann.browser.visit(&format!("{}/agents", site.url)).await.expect("a page")).title().starts_with("Connected apps"));
    assert_recorded(&site, "logout", "succeeded");
    assert_unwritten(&site, &[&stolen, &second]);
}

#[tokio::test]
async fn attack_login_ways_for_development_are_not_offered_to_others() {
    let builder = |url: &str| AuthServer::builder(url).store(Memory::new()).key(MasterKey::generate());
    for url in ["https://auth.example.com", "https://192.168.0.7", "https://localhost.example.com"] {
        let developer = builder(url).login(DeveloperLogin::new([Developer::new("ann")])).build();
        assert!(developer.as_ref().is_err_and(|error| error.to_string().contains("developer")), "{url}: {developer:?}");
        let log = builder(url).login(MagicLink::new(LogMailer)).build();
        assert!(log.is_err(), "{url}: links in a log are for development: {log:?}");
    }
    for url in ["http://auth.example.com", "http://192.168.0.7:8080"] {
        assert!(builder(url).login(DeveloperLogin::new([Developer::new("ann")])).build().is_err(), "{url}");
    }
    let (site, client, ann) = cast().await;
    let login = page(ann.browser.visit(&client.flow(&site, "mcp:read").url(&site)).await.expect("a page"));
    let choice = page(login.form("0").expect("a way").submit(None).await.expect("a page"));
    assert!(choice.text().contains("Development mode"), "{}", choice.text());
    ann.sign_in(mcp_testkit::browser::Landing::Page(login)).await;
    assert_recorded(&site, "login", "succeeded");
    assert_unwritten(&site, &[&ann.browser.cookie("mcp_session").expect("a session").value]);
}
