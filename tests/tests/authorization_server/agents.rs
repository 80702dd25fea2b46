//! The page on which a person sees who acts for it, and takes it back.

use std::time::Duration;

use mcp_testkit::browser::Page;
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, LOOPBACK_CALLBACK, Person, Tokens, decide};

use crate::support::{refresh_of, refused, tokens};

async fn page(site: &Authorized, person: &Person) -> Page {
    let landing = person.browser.visit(&format!("{}/agents", site.url)).await.expect("it opens");
    person.sign_in(landing).await.page().expect("a page")
}

#[tokio::test]
async fn as_35_a_person_sees_who_acts_for_it_and_takes_it_back() {
    let site = Authorized::start().await;
    let (ann, bob) = (Person::new(&site, "ann"), Person::new(&site, "bob"));
    let (hosted, local) = (Client::public(&site, HOSTED_CALLBACK).await, Client::public(&site, LOOPBACK_CALLBACK).await);
    let given = tokens(&site, &ann, &hosted, "mcp:read").await;
    let kept = tokens(&site, &ann, &local, "mcp:execute").await;
    let bobs = tokens(&site, &bob, &hosted, "mcp:read").await;
    assert_eq!(given.call(&site, "reads").await.status, 200);
    let shown = page(&site, &ann).await;
    for expected in ["Test client", "client.example", "mcp:read", "127.0.0.1", "mcp:execute", "act for ann", "reads", "UTC", "never"] {
        assert!(shown.text().contains(expected), "{expected}: {}", shown.text());
    }
    assert!(!shown.text().contains("bob"), "{}", shown.text());
    assert_eq!(shown.accessibility_problems(), Vec::<String>::new());

    // Grants have names that others could learn; a form takes back the person's own only.
    let form = shown.forms().into_iter().find(|form| form.buttons().iter().any(|button| button.starts_with("Disconnect"))).expect("a form");
    let csrf = form.value("csrf").expect("a token");
    let cookie = format!("mcp_session={}", ann.browser.cookie("mcp_session").expect("a session").value);
    let take_back = async |csrf: &str, tokens: &Tokens| {
        let grant = tokens.claims()["gid"].as_str().expect("a grant").to_owned();
        site.post_with("/agents", &[("csrf", csrf), ("grant", &grant)], &[("Cookie", &cookie)]).await
    };
    let nothing = take_back(&csrf, &bobs).await;
    assert!(nothing.status == 200 && nothing.body.contains("Nothing was taken back"), "{nothing:?}");
    assert_eq!(bobs.call(&site, "reads").await.status, 200);
    assert_eq!(take_back("wrong", &kept).await.status, 403);
    assert!(site.recorded("form", "not this session's"));
    assert_eq!(kept.call(&site, "executes").await.status, 200);

    let after = take_back(&csrf, &given).await;
    assert!(after.body.contains("can no longer act for you") && !after.body.contains("mcp:read"), "{after:?}");
    assert!(site.recorded("oauth/revoke", "succeeded"));
    assert_eq!(given.call(&site, "reads").await.status, 401, "its access token is not taken here any more");
    refused(&hosted.refresh(&site, refresh_of(&given)).await, 400, "invalid_grant");
    assert_eq!((kept.call(&site, "executes").await.status, bobs.call(&site, "reads").await.status), (200, 200));
    let again = ann.open(&site, &hosted.flow(&site, "mcp:read")).await.page().expect("a page that asks again");
    assert!(decide(&again, false).await.parameter("error").is_some());
}

#[tokio::test]
async fn as_35_the_page_is_for_who_is_signed_in() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    tokens(&site, &ann, &client, "mcp:read").await;
    let stranger =
        Person::new(&site, "bob").browser.visit(&format!("{}/agents", site.url)).await.expect("it opens").page().expect("a page");
    assert!(stranger.title().starts_with("Sign in") && !stranger.text().contains("Test client"), "{}", stranger.text());
    site.clock.advance(Duration::from_secs(12 * 3_600));
    let later = ann.browser.visit(&format!("{}/agents", site.url)).await.expect("it opens").page().expect("a page");
    assert!(later.title().starts_with("Sign in"), "a session ends: {}", later.title());
    let shown = page(&site, &ann).await;
    let sign_out = shown.form("Sign out").expect("a form");
    sign_out.submit(None).await.expect("an answer");
    let after = ann.browser.visit(&format!("{}/agents", site.url)).await.expect("it opens").page().expect("a page");
    assert!(after.title().starts_with("Sign in"), "{}", after.title());
}
