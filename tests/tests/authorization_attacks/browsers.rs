//! Attacks on pages and cookies from other sites, other hosts and other frames.

use mcp_auth::server::{MagicLink, Smtp};
use mcp_testkit::browser::{Browser, Page};
use mcp_testkit::{IdentityProvider, LogCapture, Mailbox};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person};

use crate::bench::{assert_recorded, assert_unwritten, cast, page, site_with};
use crate::mails::Mailed;
use crate::upstream::oidc;

const PUBLIC: &str = "https://auth.example.com";

#[tokio::test]
async fn attack_authorize_no_page_is_shown_in_a_frame() {
    let mailed = Mailed::start().await;
    let site = &mailed.site;
    let client = Client::public(site, HOSTED_CALLBACK).await;
    let person = Person::new(site, "ann");
    let check = |page: &Page| {
        assert_eq!(page.frame_ancestors(), Some(vec!["'none'".to_owned()]), "{}", page.url());
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{}", page.url());
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{}", page.url());
        assert_eq!(page.header("cache-control"), Some("no-store"), "{}", page.url());
    };
    let login = page(person.browser.visit(&client.flow(site, "mcp:read").url(site)).await.expect("a page"));
    check(&login);
    let sent = mailed.asks(&person, &client, "ann@example.com").await;
    check(&sent);
    let mail = mailed.mail("ann@example.com").await;
    check(&page(person.browser.visit(&mail.link).await.expect("a page")));
    check(&page(Person::new(site, "bob").browser.visit(&mail.link).await.expect("a page")));
    check(&page(person.browser.visit(&format!("{}/authorize", site.url)).await.expect("a page")));
    let ann = Person::new(site, "ann");
    check(&page(ann.open(site, &client.flow(site, "mcp:read")).await));
    check(&page(ann.open(site, &client.flow(site, "mcp:read mfa")).await));
    check(&page(ann.browser.visit(&format!("{}/agents", site.url)).await.expect("a page")));
    assert_recorded(site, "oauth/authorize", "client or redirect");
    assert_unwritten(site, &[&mail.secret]);
}

/// A server at a public URL, where people sign in by mail.
async fn public(mailbox: &Mailbox) -> Authorized {
    LogCapture::global();
    let smtp = Smtp::new(&mailbox.url(), "Team <login@example.com>").expect("a mail server");
    Authorized::hosted(PUBLIC, |builder| builder.login(MagicLink::new(smtp))).await
}

#[tokio::test]
async fn attack_authorize_a_session_that_somebody_else_set_is_worth_nothing() {
    let mailbox = Mailbox::open().await;
    let site = public(&mailbox).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let routed = || {
        let browser = Browser::with_clock(site.clock.clock());
        browser.route(PUBLIC, site.address).expect("a URL");
        browser.stop_at("https://client.example/");
        browser
    };
    let flow = client.flow(&site, "mcp:read");
    // The attacker has a session of nobody's and plants it in the victim's browser.
    let attacker = routed();
    page(attacker.visit(&flow.url(&site)).await.expect("a page"));
    let planted = attacker.cookie("__Host-mcp_session").expect("a session");
    assert!(planted.secure && planted.http_only && planted.host_only && planted.path == "/", "{planted:?}");
    let victim = routed();
    // Other hosts cannot set it; a cookie of another name, or two of the name, are no session.
    victim
        .set_cookie("https://evil.auth.example.com/", "__Host-mcp_session=tossed; Domain=auth.example.com; Path=/; Secure")
        .expect("a URL");
    victim.set_cookie("https://evil.example.com/", "__Host-mcp_session=tossed; Domain=example.com; Path=/; Secure").expect("a URL");
    victim.set_cookie("http://auth.example.com/", "__Host-mcp_session=tossed; Path=/").expect("a URL");
    victim.set_cookie("https://auth.example.com/x", "__Host-mcp_session=tossed; Path=/login; Secure").expect("a URL");
    assert_eq!((victim.cookies().len(), victim.refused_cookies().len()), (0, 4));
    victim
        .set_cookie("https://evil.auth.example.com/", &format!("mcp_session={}; Domain=auth.example.com; Path=/; Secure", planted.value))
        .expect("a URL");
    // Worse: by some hole of the browser it is the very cookie.
    victim.set_cookie(PUBLIC, &format!("__Host-mcp_session={}; Path=/; Secure", planted.value)).expect("a URL");
    let login = page(victim.visit(&flow.url(&site)).await.expect("a page"));
    let ask = page(login.form("Continue with e-mail").expect("a way").submit(None).await.expect("a page"));
    let ask = ask.forms().into_iter().find(|form| form.value("email").is_some()).expect("a form");
    page(ask.set("email", "ann@example.com").expect("a field").submit(None).await.expect("a page"));
    let mail = mailbox.next_to("ann@example.com").await.expect("a mail");
    let link = mail.links().into_iter().find(|link| link.contains("/login/email/link")).expect("a link");
    assert!(link.starts_with(PUBLIC), "{link}");
    let confirm = page(victim.visit(&link).await.expect("a page"));
    let asked = page(confirm.form("0").expect("a button").submit(None).await.expect("a page"));
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    let own = victim.cookie("__Host-mcp_session").expect("a session");
    assert_ne!(own.value, planted.value, "signing in gives another session");
    // What the attacker holds is signed in as nobody.
    let attackers = page(attacker.visit(&flow.url(&site)).await.expect("a page"));
    assert!(attackers.title().starts_with("Sign in"), "{}", attackers.text());
    let two = format!("__Host-mcp_session={}; __Host-mcp_session={}", planted.value, own.value);
    let answer = site.send("GET", "/agents", &[("Cookie", &two)], "").await;
    assert_eq!(answer.status, 303, "of two cookies none counts: {answer:?}");
    assert_recorded(&site, "login", "succeeded");
    let (_, secret) = link.split_once("t=").expect("a secret");
    assert_unwritten(&site, &[&own.value, secret]);
}

#[tokio::test]
async fn attack_authorize_a_new_client_does_not_use_a_sign_in_elsewhere_unseen() {
    let provider = IdentityProvider::oidc().await;
    let site = site_with(|builder| builder.login(oidc(&provider))).await;
    let known = Client::public(&site, HOSTED_CALLBACK).await;
    let ann = Person::new(&site, "ann");
    let through = async |client: &Client| {
        let login = page(ann.browser.visit(&client.flow(&site, "mcp:read").url(&site)).await.expect("a page"));
        login.form("Continue with Elsewhere").expect("a way").submit(None).await.expect("an answer")
    };
    let asked = page(through(&known).await);
    let code = mcp_tests::authorized::decide(&asked, true).await.parameter("code").expect("a code");
    // The attacker registers a client of its own and leads the victim to it, whose session elsewhere lives, and here has ended.
    let evil = Client::public(&site, "https://evil.example/callback").await;
    ann.browser.forget_cookies();
    let hits = provider.hits("/authorize");
    let login = page(ann.browser.visit(&evil.flow(&site, "mcp:read").url(&site)).await.expect("a page"));
    assert!(login.text().contains("evil.example"), "who asks is shown first: {}", login.text());
    assert_eq!(provider.hits("/authorize"), hits, "nobody is led elsewhere before that");
    let asked = page(through(&evil).await);
    assert!(asked.title().starts_with("Allow ") && asked.text().contains("evil.example"), "{}", asked.text());
    assert!(provider.hits("/authorize") > hits);
    assert_recorded(&site, "login", "succeeded");
    assert_unwritten(&site, &[&code, provider.client_secret()]);
}

#[tokio::test]
async fn attack_authorize_a_step_back_from_elsewhere_is_taken_once_and_by_the_same_browser() {
    let provider = IdentityProvider::oidc().await;
    let site = site_with(|builder| builder.login(oidc(&provider))).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let (attacker, victim) = (Person::new(&site, "ann"), Person::new(&site, "bob"));
    attacker.browser.stop_at(&format!("{}/login/elsewhere/callback", site.url));
    let flow = client.flow(&site, "mcp:read");
    let login = page(attacker.browser.visit(&flow.url(&site)).await.expect("a page"));
    let back = login.form("Continue with Elsewhere").expect("a way").submit(None).await.expect("an answer").external().expect("a callback");
    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    // The attacker's answer in the victim's browser would sign the victim in as the attacker.
    page(victim.browser.visit(&flow.url(&site)).await.expect("a page"));
    for _ in 0..2 {
        let refused = page(victim.browser.visit(back.as_str()).await.expect("a page"));
        assert_eq!(refused.status(), 400, "{}", refused.text());
    }
    let still = page(victim.browser.visit(&flow.url(&site)).await.expect("a page"));
    assert!(still.title().starts_with("Sign in"), "{}", still.text());
    assert_recorded(&site, "login", "came back in another browser");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_authorize_a_form_of_another_site_signs_nobody_out() {
    let (site, client, ann) = cast().await;
    let flow = client.flow(&site, "mcp:read");
    ann.open(&site, &flow).await;
    let session = ann.browser.cookie("mcp_session").expect("a session").value;
    let fields: Vec<(&str, &str)> = flow.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let long = "x".repeat(8_000);
    for (path, fields) in [
        ("/authorize", fields.clone()),
        ("/authorize", [&fields[..], &[("padding", &long)]].concat()),
        ("/authorize", vec![]),
        ("/agents", vec![("all", "yes")]),
        ("/logout", vec![]),
        ("/switch?request=x", vec![]),
        ("/consent?request=x", vec![("decision", "allow")]),
        ("/login/developer/begin?request=x", vec![]),
    ] {
        ann.browser.cross_site(&format!("{}{path}", site.url), &fields).await.expect("an answer");
        assert_eq!(ann.browser.cookie("mcp_session").expect("a session").value, session, "{path}");
    }
    // Whom a client sends here by a form is asked as ever.
    let asked = page(ann.browser.cross_site(&format!("{}/authorize", site.url), &fields).await.expect("an answer"));
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    let stranger = Person::new(&site, "bob");
    let login = stranger.browser.cross_site(&format!("{}/authorize", site.url), &fields).await.expect("an answer");
    let asked = page(stranger.sign_in(login).await);
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&session]);
}

#[tokio::test]
async fn attack_authorize_stepping_up_gives_another_session() {
    let (site, client, ann) = cast().await;
    ann.open(&site, &client.flow(&site, "mcp:read")).await;
    let before = ann.browser.cookie("mcp_session").expect("a session").value;
    let secret = crate::totp::enrol(&site, &client, &ann).await;
    let after = ann.browser.cookie("mcp_session").expect("a session").value;
    assert_ne!(before, after);
    let answer = site.send("GET", "/agents", &[("Cookie", &format!("mcp_session={before}"))], "").await;
    assert_eq!(answer.status, 303, "the session of before is none any more: {answer:?}");
    assert_recorded(&site, "second_factor", "succeeded");
    assert_unwritten(&site, &[&before, &after, &secret]);
}
