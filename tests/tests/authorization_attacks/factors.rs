//! Attacks on second factors.

use std::time::Duration;

use mcp_testkit::browser::Page;
use mcp_tests::authorized::{Authorized, Client, Flow, Person, Tokens, decide};

use crate::bench::{AT_ONCE, assert_recorded, assert_unwritten, at_once, cast, code, page};
use crate::totp::{enrol, recovery_codes, secret_on, send, set_up, totp};

fn flow(site: &Authorized, client: &Client) -> Flow {
    client.flow(site, "mcp:read mfa")
}

/// The page that asks for a code, in a browser in which none was presented lately.
async fn challenged(site: &Authorized, client: &Client, person: &Person) -> Page {
    let asked = page(person.open(site, &flow(site, client)).await);
    assert!(asked.title().starts_with("Confirm that it is you"), "{}", asked.text());
    asked
}

/// An app that was set up in a browser that is gone.
async fn enrolled() -> (Authorized, Client, String) {
    let (site, client, ann) = cast().await;
    let secret = enrol(&site, &client, &ann).await;
    site.clock.advance(Duration::from_secs(60));
    (site, client, secret)
}

#[tokio::test]
async fn attack_login_a_code_of_the_app_is_good_once() {
    let (site, client, secret) = enrolled().await;
    let code = totp(&secret, site.clock.unix_seconds());
    let ann = Person::new(&site, "ann");
    let asked = page(send(&challenged(&site, &client, &ann).await, &code).await);
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    let other = Person::new(&site, "ann");
    for time in [0, 30] {
        // Neither in the same period nor as the last one of the next.
        site.clock.advance(Duration::from_secs(time));
        let again = page(send(&challenged(&site, &client, &other).await, &code).await);
        assert!(again.title().starts_with("Confirm that it is you"), "{}", again.text());
    }
    // Nor is one of before, though a clock may be half a minute off.
    let older = totp(&secret, site.clock.unix_seconds() - 30);
    let again = page(send(&challenged(&site, &client, &other).await, &older).await);
    assert!(again.title().starts_with("Confirm that it is you"), "{}", again.text());
    assert_recorded(&site, "second_factor", "wrong code");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_login_of_many_who_send_a_code_at_once_one_is_let_in() {
    let (site, client, secret) = enrolled().await;
    let code = totp(&secret, site.clock.unix_seconds());
    let mut pages = Vec::new();
    for _ in 0..AT_ONCE {
        pages.push(challenged(&site, &client, &Person::new(&site, "ann")).await);
    }
    let titles = at_once(AT_ONCE, |at| {
        let (shown, code) = (pages[at].clone(), code.clone());
        async move { page(send(&shown, &code).await).title() }
    })
    .await;
    assert_eq!(titles.iter().filter(|title| title.starts_with("Allow ")).count(), 1, "{titles:?}");
    assert_recorded(&site, "second_factor", "wrong code");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test]
async fn attack_login_codes_of_the_app_are_not_guessed() {
    let (site, client, secret) = enrolled().await;
    let ann = Person::new(&site, "ann");
    let mut shown = challenged(&site, &client, &ann).await;
    let near: Vec<String> = (0..=6).map(|step| totp(&secret, site.clock.unix_seconds() + 30 * step - 90)).collect();
    let wrong = (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).expect("a wrong code");
    for _ in 0..5 {
        shown = page(send(&shown, &wrong).await);
    }
    let locked = page(send(&shown, &totp(&secret, site.clock.unix_seconds())).await);
    assert!(locked.text().contains("Too many wrong codes"), "not even the right one: {}", locked.text());
    // From another browser, too.
    let elsewhere = challenged(&site, &client, &Person::new(&site, "ann")).await;
    let locked = page(send(&elsewhere, &totp(&secret, site.clock.unix_seconds())).await);
    assert!(locked.text().contains("Too many wrong codes"), "{}", locked.text());
    site.clock.advance(Duration::from_secs(61));
    // One more wrong code locks it for twice as long.
    let relocked = page(send(&challenged(&site, &client, &ann).await, &wrong).await);
    assert!(relocked.text().contains("Try again in 2 minutes"), "{}", relocked.text());
    site.clock.advance(Duration::from_secs(121));
    let right = page(send(&challenged(&site, &client, &ann).await, &totp(&secret, site.clock.unix_seconds())).await);
    assert!(right.title().starts_with("Allow "), "{}", right.text());
    assert_recorded(&site, "second_factor", "wrong code");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test]
async fn attack_login_a_recovery_code_is_good_once() {
    let (site, client, ann) = cast().await;
    let (secret, page_with_codes) = set_up(&site, &client, &ann).await;
    let codes = recovery_codes(&page_with_codes);
    let other = Person::new(&site, "ann");
    let in_ = page(send(&challenged(&site, &client, &other).await, &codes[0]).await);
    assert!(in_.title().starts_with("Allow "), "{}", in_.text());
    let third = Person::new(&site, "ann");
    let again = page(send(&challenged(&site, &client, &third).await, &codes[0]).await);
    assert!(again.title().starts_with("Confirm that it is you"), "{}", again.text());
    // And it is Ann's alone.
    let bob = Person::new(&site, "bob");
    let bobs = page(bob.open(&site, &flow(&site, &client)).await);
    let refused = page(send(&bobs, &codes[1]).await);
    assert!(refused.title().starts_with("Set up"), "{}", refused.text());
    assert_recorded(&site, "second_factor", "wrong code");
    assert_unwritten(&site, &[&secret, &codes[0], &codes[1]]);
}

#[tokio::test]
async fn attack_login_no_way_leads_around_the_second_factor() {
    let (site, client, secret) = enrolled().await;
    let ann = Person::new(&site, "ann");
    // In one tab she is asked about what needs none, in the other for a code.
    let plain = page(ann.open(&site, &client.flow(&site, "mcp:read")).await);
    let asked = challenged(&site, &client, &ann).await;
    let form = plain.forms().into_iter().find(|form| form.buttons().iter().any(|button| button == "Deny")).expect("a decision");
    let csrf = form.value("csrf").expect("a token");
    let waiting = asked.url().as_str().replace("/continue", "/consent");
    let cookie = format!("mcp_session={}", ann.browser.cookie("mcp_session").expect("a session").value);
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie.as_str())];
    let body = format!("decision=allow&scope=mcp%3Aread&scope=mfa&csrf={csrf}");
    let answer = site.send("POST", waiting.trim_start_matches(&site.url), &headers, &body).await;
    assert_eq!((answer.status, answer.header("location")), (403, None), "{answer:?}");
    // Going on without it gives what needs none.
    let skip = asked.forms().into_iter().find(|form| form.value("code").is_some()).expect("a form");
    let skip_button = skip.buttons().into_iter().find(|button| button.starts_with("Continue without")).expect("a button");
    let asked = page(skip.submit(Some(&skip_button)).await.expect("a page"));
    let code = decide(&asked, true).await.parameter("code").expect("a code");
    let tokens = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(tokens.scope, "mcp:read");
    assert_eq!(tokens.call(&site, "confirms").await.status, 403);
    // What was asked for is what can be given, whatever the form says.
    let allow = form.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    let given = form.forge("scope", "mfa").submit(Some(&allow)).await.expect("an answer");
    let none = Tokens::of(&client.exchange(&site, &given.parameter("code").expect("a code")).await);
    assert_eq!(none.scope, "");
    assert_eq!(none.call(&site, "confirms").await.status, 403);
    assert_recorded(&site, "form", "not this session's");
    assert_unwritten(&site, &[&secret, &csrf, &code, &tokens.access]);
}

#[tokio::test]
async fn attack_login_a_second_factor_of_long_ago_does_not_count() {
    let (site, client, ann) = cast().await;
    let secret = enrol(&site, &client, &ann).await;
    let asked = page(ann.open(&site, &flow(&site, &client)).await);
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    site.clock.advance(Duration::from_secs(301));
    challenged(&site, &client, &ann).await;
    // A page that was opened while it counted does not make up for it.
    let late = decide(&asked, true).await;
    assert_eq!(late.parameter("code"), None, "{late:?}");
    assert_recorded(&site, "second_factor", "succeeded");
    assert_unwritten(&site, &[&secret]);
}

#[tokio::test]
async fn attack_login_who_finds_a_browser_open_sets_up_no_app() {
    let (site, client, ann) = cast().await;
    let first = code(&site, &client, &ann, "mcp:read").await;
    site.clock.advance(Duration::from_secs(601));
    let landing = ann.browser.visit(&flow(&site, &client).url(&site)).await.expect("an answer");
    let asked = page(landing);
    assert!(asked.title().starts_with("Sign in"), "the person has to sign in once more: {}", asked.text());
    // One that was begun is not finished in another browser, nor later.
    let enrolling = page(ann.sign_in(mcp_testkit::browser::Landing::Page(asked)).await);
    let secret = secret_on(&enrolling);
    let elsewhere = Person::new(&site, "ann");
    let other = page(elsewhere.open(&site, &flow(&site, &client)).await);
    let refused = page(send(&other, &totp(&secret, site.clock.unix_seconds())).await);
    assert!(refused.title().starts_with("Set up"), "{}", refused.text());
    assert_recorded(&site, "second_factor", "wrong code");
    assert_unwritten(&site, &[&first, &secret]);
}

#[tokio::test]
async fn attack_login_an_app_that_is_set_up_is_not_replaced() {
    let (site, client, ann) = cast().await;
    let (early, late) = (Person::new(&site, "ann"), ann);
    let begun = page(early.open(&site, &flow(&site, &client)).await);
    let attackers = secret_on(&begun);
    let secret = enrol(&site, &client, &late).await;
    let refused = page(send(&begun, &totp(&attackers, site.clock.unix_seconds())).await);
    assert!(refused.title().starts_with("Confirm that it is you"), "{}", refused.text());
    site.clock.advance(Duration::from_secs(60));
    let none = page(send(&refused, &totp(&attackers, site.clock.unix_seconds())).await);
    assert!(none.title().starts_with("Confirm that it is you"), "{}", none.text());
    assert_recorded(&site, "second_factor", "wrong code");
    assert_unwritten(&site, &[&attackers, &secret]);
}
