//! Signing in at another site: nothing goes there before the person has seen who asks, and nothing comes of it without a decision.

use std::time::Duration;

use mcp_auth::server::Upstream;
use mcp_testkit::IdentityProvider;
use mcp_testkit::browser::{Landing, Page};
use mcp_tests::authorized::{Authorized, Client, Flow, HOSTED_CALLBACK, Person, decide};

async fn federated() -> (Authorized, IdentityProvider) {
    let provider = IdentityProvider::oidc().await;
    let method = Upstream::oidc(&provider.url(), provider.client_id(), provider.client_secret()).expect("an issuer");
    let site = Authorized::with(|builder| builder.login(method.named("upstream", "Upstream"))).await;
    provider.use_clock(site.clock.clock());
    (site, provider)
}

/// The page on which a person chooses how to sign in.
async fn choice(site: &Authorized, person: &Person, flow: &Flow) -> Page {
    let page = person.browser.visit(&flow.url(site)).await.expect("it opens").page().expect("a page");
    assert!(page.title().starts_with("Sign in"), "{}", page.title());
    page
}

/// Chooses the other site.
async fn upstream(page: &Page) -> Landing {
    let form = page.forms().into_iter().find(|form| form.buttons().iter().any(|button| button.contains("Upstream"))).expect("a way");
    form.submit(None).await.expect("it begins")
}

#[tokio::test]
async fn as_29_nobody_is_sent_to_sign_in_elsewhere_before_it_has_seen_who_asks() {
    let (site, provider) = federated().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let page = choice(&site, &ann, &client.flow(&site, "mcp:read")).await;
    for expected in ["Test client", "client.example"] {
        assert!(page.text().contains(expected), "{expected}: {}", page.text());
    }
    let went = |to: &str| ann.browser.history().iter().any(|step| step.url.as_str().starts_with(to));
    assert!(!went(&provider.url()), "{:?}", ann.browser.history());
    let asks = upstream(&page).await.page().expect("a page that asks");
    assert!(went(&provider.url()) && asks.title().starts_with("Allow"), "signing in is no decision: {}", asks.title());
    assert!(decide(&asks, true).await.parameter("code").is_some());
    assert!(site.recorded("login", "succeeded"));

    // Whoever is signed in at both is asked for each client all the same.
    let other = Client::public(&site, "https://evil.example/callback").await;
    let again = ann.open(&site, &other.flow(&site, "mcp:read")).await.page().expect("a page that asks");
    assert!(again.text().contains("evil.example"), "{}", again.text());
}

#[tokio::test]
async fn as_29_a_state_is_good_once_in_its_browser_and_for_ten_minutes() {
    let (site, _provider) = federated().await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let flow = client.flow(&site, "mcp:read");
    let callback = format!("{}/login/upstream/callback", site.url);
    let begin = async |person: &Person| {
        person.browser.stop_at(&callback);
        upstream(&choice(&site, person, &flow).await).await.external().expect("on the way back")
    };
    let title = |landing: Landing| landing.page().expect("a page").title();
    // Its own site has to know Bob's browser, so that it is not refused for having no session.
    let bob = Person::new(&site, "bob");
    choice(&site, &bob, &flow).await;
    let stolen = begin(&Person::new(&site, "ann")).await;
    assert!(title(bob.browser.visit(stolen.as_str()).await.expect("it opens")).contains("over"));
    assert!(site.recorded("login", "came back in another browser"));

    let ann = Person::new(&site, "ann");
    let back = begin(&ann).await;
    let cookie = format!("mcp_session={}", ann.browser.cookie("mcp_session").expect("a session").value);
    let path = format!("{}?{}", back.path(), back.query().expect("a query"));
    let come_back = async || site.send("GET", &path, &[("Cookie", &cookie)], "").await;
    let first = come_back().await;
    assert_eq!(first.status, 303, "{first:?}");
    let renewed = first.header("set-cookie").expect("another cookie").split(';').next().expect("a pair").to_owned();
    assert_ne!(renewed, cookie, "whoever knew the old one has nothing of it");
    let second = site.send("GET", &path, &[("Cookie", &renewed)], "").await;
    assert_eq!(second.status, 400, "{second:?}");

    let late = Person::new(&site, "ann");
    let back = begin(&late).await;
    site.clock.advance(Duration::from_secs(601));
    let cookie = format!("mcp_session={}", late.browser.cookie("mcp_session").expect("a session").value);
    let answer = site.send("GET", &format!("{}?{}", back.path(), back.query().expect("a query")), &[("Cookie", &cookie)], "").await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let made_up = site.send("GET", "/login/upstream/callback?state=made-up&code=x", &[("Cookie", &cookie)], "").await;
    assert_eq!(made_up.status, 400, "{made_up:?}");
}
