//! Attacks on links and codes from mails.

use std::time::Duration;

use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Client, Person};

use crate::bench::{AT_ONCE, assert_recorded, assert_unwritten, at_once, page};
use crate::mails::{Mailed, SignIn, typed};

/// The path of a link.
fn path(site: &Authorized, mail: &SignIn) -> String {
    mail.link.trim_start_matches(&site.url).to_owned()
}

/// Presses the button on the page of a link.
async fn confirmed(person: &Person, mail: &SignIn) -> Landing {
    let confirm = page(person.browser.visit(&mail.link).await.expect("a page"));
    let form = confirm.form("Sign me in").unwrap_or_else(|error| panic!("{error}: {}", confirm.text()));
    form.submit(None).await.expect("a page")
}

/// Signs somebody in up to the mail.
async fn mailed_to(mailed: &Mailed, client: &Client, person: &Person) -> SignIn {
    mailed.asks(person, client, "ann@example.com").await;
    mailed.mail("ann@example.com").await
}

#[tokio::test]
async fn attack_login_programs_that_scan_mails_use_nothing_up() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let mail = mailed_to(&mailed, &client, &person).await;
    for _ in 0..5 {
        for method in ["HEAD", "GET"] {
            let answer = site.send(method, &path(site, &mail), &[("User-Agent", "SafeLinks")], "").await;
            assert_eq!((answer.status, answer.header("set-cookie")), (200, None), "{answer:?}");
        }
    }
    // One that runs scripts presses what there is to be pressed; it has no button to press, and its POST is nobody's.
    let scanner = Person::new(site, "bob");
    let shown = page(scanner.browser.visit(&mail.link).await.expect("a page"));
    assert_eq!(shown.forms().len(), 0, "{}", shown.text());
    for fields in [vec![], vec![("csrf", "AAAA")]] {
        let answer = site.post(&path(site, &mail), &fields).await;
        assert!(matches!(answer.status, 400 | 403), "{answer:?}");
    }
    let asked = page(confirmed(&person, &mail).await);
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    assert_recorded(site, "login", "no such sign-in");
    assert_recorded(site, "login", "succeeded");
    assert_unwritten(site, &[&mail.secret]);
}

#[tokio::test]
async fn attack_login_a_link_is_good_once() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let mail = mailed_to(&mailed, &client, &person).await;
    site.clock.advance(Duration::from_secs(15 * 60 - 1));
    let asked = page(confirmed(&person, &mail).await);
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    let again = page(person.browser.visit(&mail.link).await.expect("a page"));
    assert_eq!((again.status(), again.forms().len()), (400, 0), "{}", again.text());
    assert_recorded(site, "login", "link used up");
    assert_unwritten(site, &[&mail.secret]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_login_of_many_who_open_a_link_at_once_one_is_signed_in() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let mail = mailed_to(&mailed, &client, &person).await;
    let confirm = page(person.browser.visit(&mail.link).await.expect("a page"));
    let csrf = confirm.form("Sign me in").expect("a button").value("csrf").expect("a token");
    let cookie = format!("mcp_session={}", person.browser.cookie("mcp_session").expect("a session").value);
    let (path, address) = (path(site, &mail), site.address);
    let statuses = at_once(AT_ONCE, |_| {
        let (path, cookie, csrf) = (path.clone(), cookie.clone(), csrf.clone());
        async move {
            let headers = vec![("Cookie".to_owned(), cookie), ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
            let request = mcp_testkit::http::Request { address, method: "POST", path, headers, body: format!("csrf={csrf}").into() };
            mcp_tests::protected::Answer::of(request).await.status
        }
    })
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    let signed_in = site.records().iter().filter(|line| line.contains(r#""login""#) && line.contains("succeeded")).count();
    assert_eq!(signed_in, 1);
    assert_recorded(site, "login", "no such sign-in");
    assert_unwritten(site, &[&mail.secret, &csrf]);
}

#[tokio::test]
async fn attack_login_an_older_link_and_one_that_waited_are_void() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let sent = mailed.asks(&person, &client, "ann@example.com").await;
    let first = mailed.mail("ann@example.com").await;
    let form = sent.forms().into_iter().find(|form| form.value("code").is_some()).expect("a form");
    page(form.submit(Some("Send the email again")).await.expect("a page"));
    let second = mailed.mail("ann@example.com").await;
    assert_ne!(first.secret, second.secret);
    for browser in [&person, &Person::new(site, "bob")] {
        let void = page(browser.browser.visit(&first.link).await.expect("a page"));
        assert_eq!((void.status(), void.forms().len()), (400, 0), "{}", void.text());
    }
    site.clock.advance(Duration::from_secs(15 * 60 + 1));
    let void = page(person.browser.visit(&second.link).await.expect("a page"));
    assert_eq!((void.status(), void.forms().len()), (400, 0), "{}", void.text());
    assert!(!void.text().contains(&second.code));
    assert_recorded(site, "login", "link used up");
    assert_unwritten(site, &[&first.secret, &second.secret]);
}

#[tokio::test]
async fn attack_login_a_link_signs_in_where_it_was_asked_for_and_nowhere_else() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    // The attacker asks for a mail to the victim and waits for the victim to open it.
    let (attacker, victim) = (Person::new(site, "bob"), Person::new(site, "ann"));
    let sent = mailed.asks(&attacker, &client, "ann@example.com").await;
    let mail = mailed.mail("ann@example.com").await;
    page(victim.browser.visit(&client.flow(site, "mcp:read").url(site)).await.expect("a page"));
    let shown = page(victim.browser.visit(&mail.link).await.expect("a page"));
    assert_eq!((shown.status(), shown.forms().len()), (200, 0), "{}", shown.text());
    assert!(shown.text().contains(&mail.code) && shown.text().contains("Tell nobody"), "{}", shown.text());
    let forged = victim.browser.cross_site(&mail.link, &[("csrf", "AAAA")]).await.expect("an answer");
    assert!(matches!(page(forged).status(), 400 | 403));
    let cookie = format!("mcp_session={}", victim.browser.cookie("mcp_session").expect("a session").value);
    let answer = site.post_with(&path(site, &mail), &[("csrf", "AAAA")], &[("Cookie", &cookie)]).await;
    assert_eq!((answer.status, answer.header("location")), (403, None), "{answer:?}");
    let still = page(attacker.browser.visit(sent.url().as_str()).await.expect("a page"));
    assert!(!still.title().starts_with("Allow "), "nobody was signed in by that: {}", still.text());
    let agents = page(victim.browser.visit(&format!("{}/agents", site.url)).await.expect("a page"));
    assert!(agents.title().starts_with("Sign in"), "{}", agents.text());
    assert_recorded(site, "form", "not this session's");
    // Who reads the mail can type the code where it was asked for.
    let asked = typed(&sent, &mail.code).await;
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    assert_unwritten(site, &[&mail.secret]);
}

#[tokio::test]
async fn attack_login_a_code_is_not_guessed() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let mut sent = mailed.asks(&person, &client, "ann@example.com").await;
    let mail = mailed.mail("ann@example.com").await;
    let wrong = if mail.code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        sent = typed(&sent, wrong).await;
        assert!(sent.title().starts_with("Check your email"), "{}", sent.text());
    }
    let right = typed(&sent, &mail.code).await;
    assert!(right.title().starts_with("Check your email"), "after five tries the code is void: {}", right.text());
    let void = page(person.browser.visit(&mail.link).await.expect("a page"));
    assert_eq!((void.status(), void.forms().len()), (400, 0), "and so is the link: {}", void.text());
    assert_recorded(site, "login", "not identified");
    assert_unwritten(site, &[&mail.secret]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_login_a_code_is_not_guessed_by_many_at_once() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let sent = mailed.asks(&person, &client, "ann@example.com").await;
    let mail = mailed.mail("ann@example.com").await;
    let form = sent.forms().into_iter().find(|form| form.value("code").is_some()).expect("a form");
    let right: usize = mail.code.parse().expect("digits");
    at_once(AT_ONCE, |at| {
        let guess = format!("{:06}", (right + 1 + at) % 1_000_000);
        let form = form.clone().set("code", &guess).expect("a field");
        async move { form.submit(Some("Sign in with this code")).await.map(|landing| page(landing).status()) }
    })
    .await;
    let late = typed(&sent, &mail.code).await;
    assert!(!late.title().starts_with("Allow "), "{}", late.text());
    assert_recorded(site, "login", "not identified");
    assert_unwritten(site, &[&mail.secret]);
}

#[tokio::test]
async fn attack_login_a_link_is_not_passed_on_by_the_browser() {
    let mailed = Mailed::start().await;
    let (client, site) = (mailed.client().await, &mailed.site);
    let person = Person::new(site, "ann");
    let mail = mailed_to(&mailed, &client, &person).await;
    let confirm = page(person.browser.visit(&mail.link).await.expect("a page"));
    assert_eq!(confirm.header("referrer-policy"), Some("no-referrer"));
    let asked = page(confirm.form("Sign me in").expect("a button").submit(None).await.expect("a page"));
    assert!(!asked.url().as_str().contains(&mail.secret), "what follows has a clean address: {}", asked.url());
    for page in [&confirm, &asked] {
        assert!(!page.links().iter().any(|link| link.url.as_str().contains(&mail.secret)), "{:?}", page.links());
    }
    assert_recorded(site, "login", "succeeded");
    assert_unwritten(site, &[&mail.secret]);
}
