//! The page that asks a person: when it is shown, what it says, and that nobody else can answer it.

use std::sync::Arc;

use bytes::Bytes;
use mcp_auth::Authenticator;
use mcp_auth::server::{AuthServer, MagicLink, MasterKey, MemoryMailer};
use mcp_parity::http::{Beside, HttpConfig, HttpService};
use mcp_store::Memory;
use mcp_testkit::browser::{Browser, Form, Landing, Page, SameSite};
use mcp_testkit::http::Request;
use mcp_tests::authorized::{Authorized, Client, Flow, HOSTED_CALLBACK, LOOPBACK_CALLBACK, Person, decide};
use mcp_tests::protected::{Answer, listen, server};
use serde_json::json;

use crate::support::{code, tokens};

/// A client with two places to be led back to.
async fn client(site: &Authorized, name: &str) -> Client {
    let uris = [HOSTED_CALLBACK, "https://client.example/other"];
    let answer = site.register(&json!({"client_name": name, "redirect_uris": uris, "token_endpoint_auth_method": "none"})).await;
    let id = answer.json()["client_id"].as_str().expect("an id").to_owned();
    Client { id, secret: None, redirect_uri: HOSTED_CALLBACK.to_owned() }
}

async fn page(site: &Authorized, person: &Person, flow: &Flow) -> Page {
    person.open(site, flow).await.page().expect("a page that asks")
}

/// The form with the decision.
fn decision(page: &Page) -> Form {
    page.forms().into_iter().find(|form| form.buttons().iter().any(|button| button == "Deny")).expect("a decision")
}

#[tokio::test]
async fn as_27_the_page_says_who_asks_for_what_and_where_the_answer_goes() {
    let site = Authorized::start().await;
    let ann = Person::new(&site, "ann");
    let hosted = client(&site, "Claude").await;
    let shown = page(&site, &ann, &hosted.flow(&site, "mcp:read mcp:execute")).await;
    for expected in [
        "Claude",
        "client.example",
        "Signed in as ann",
        "mcp:read",
        "mcp:execute",
        "reads",
        "Name not verified",
        "is what this app calls itself",
    ] {
        assert!(shown.text().contains(expected), "{expected}: {}", shown.text());
    }
    assert!(!shown.text().contains("runs on your computer"), "{}", shown.text());
    assert_eq!(shown.accessibility_problems(), Vec::<String>::new());

    let local = page(&site, &ann, &Client::public(&site, LOOPBACK_CALLBACK).await.flow(&site, "mcp:read")).await;
    for expected in ["127.0.0.1", "runs on your computer"] {
        assert!(local.text().contains(expected), "{expected}: {}", local.text());
    }
    let program = Client::public(&site, "cursor://anysphere.cursor-mcp/oauth/callback").await;
    assert!(page(&site, &ann, &program.flow(&site, "mcp:read")).await.text().contains("runs on your computer"));

    let several = Authorized::with(|builder| builder.resource("https://one.example/mcp").resource("https://two.example/mcp")).await;
    let flow = client(&several, "Claude").await.flow(&several, "mcp:read").with("resource", "https://two.example/mcp");
    let shown = page(&several, &Person::new(&several, "ann"), &flow).await;
    assert!(shown.text().contains("https://two.example/mcp"), "{}", shown.text());
}

#[tokio::test]
async fn as_27_a_person_is_asked_unless_it_has_decided_just_that() {
    let site = Authorized::with(|builder| builder.resource("https://one.example/mcp").resource("https://two.example/mcp")).await;
    let ann = Person::new(&site, "ann");
    let (one, other) = (client(&site, "One").await, client(&site, "Other").await);
    let decided = one.flow(&site, "mcp:read mcp:execute").without("resource");
    code(&site, &ann, &decided).await;
    let differs: [(&str, bool, Flow); 8] = [
        ("the same", false, decided.clone()),
        ("less", false, decided.clone().with("scope", "mcp:read")),
        ("more", true, decided.clone().with("scope", "mcp:read mcp:write")),
        ("another scope", true, decided.clone().with("scope", "mcp:write")),
        ("another redirect", true, decided.clone().with("redirect_uri", "https://client.example/other")),
        ("another resource", true, decided.clone().with("resource", "https://two.example/mcp")),
        ("another client", true, other.flow(&site, "mcp:read").without("resource")),
        ("if the client says so", true, decided.clone().with("prompt", "consent")),
    ];
    for (what, asks, flow) in differs {
        let landing = ann.open(&site, &flow).await;
        assert_eq!(matches!(&landing, Landing::Page(page) if page.title().starts_with("Allow")), asks, "{what}: {landing:?}");
        assert_eq!(matches!(landing, Landing::External(_)), !asks, "{what}");
    }
    page(&site, &Person::new(&site, "bob"), &decided).await;

    let local = Client::public(&site, LOOPBACK_CALLBACK).await.flow(&site, "mcp:read").without("resource");
    code(&site, &ann, &local).await;
    page(&site, &ann, &local).await;
    let denied = one.flow(&site, "mcp:write").without("resource");
    assert_eq!(ann.deny(&site, &denied).await.parameter("error").as_deref(), Some("access_denied"));
    page(&site, &ann, &denied).await;
}

#[tokio::test]
async fn as_27_what_the_person_unticks_is_not_given_now_or_later() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), client(&site, "One").await);
    let flow = client.flow(&site, "mcp:read mcp:execute");
    let form = decision(&page(&site, &ann, &flow).await).check_value("scope", "mcp:execute", false).expect("a box");
    let allow = form.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    let landing = form.submit(Some(&allow)).await.expect("an answer");
    let answer = client.exchange(&site, &landing.parameter("code").expect("a code")).await;
    assert_eq!(answer.json()["scope"], "mcp:read", "{answer:?}");
    let again = ann.open(&site, &flow).await;
    let answer = client.exchange(&site, &again.parameter("code").expect("it was decided")).await;
    assert_eq!(answer.json()["scope"], "mcp:read", "{answer:?}");
    // None of what this asks for was given: silently giving nothing would leave the client asking for ever.
    page(&site, &ann, &client.flow(&site, "mcp:execute")).await;
}

#[tokio::test]
async fn as_28_pages_are_in_no_frame_and_say_nothing_of_where_they_lead() {
    let site = Authorized::start().await;
    let ann = Person::new(&site, "ann");
    let flow = client(&site, "One").await.flow(&site, "mcp:read");
    let sign_in = ann.browser.visit(&flow.url(&site)).await.expect("it opens").page().expect("a page");
    let asks = ann.sign_in(Landing::Page(sign_in.clone())).await.page().expect("a page that asks");
    let agents = ann.browser.visit(&format!("{}/agents", site.url)).await.expect("it opens").page().expect("a page");
    let lost = ann.browser.visit(&format!("{}/authorize", site.url)).await.expect("it opens").page().expect("a page");
    for page in [sign_in, asks, agents, lost] {
        let what = page.title();
        assert_eq!(page.frame_ancestors(), Some(vec!["'none'".to_owned()]), "{what}");
        for (name, value) in [("x-frame-options", "DENY"), ("referrer-policy", "no-referrer"), ("cache-control", "no-store")] {
            assert_eq!(page.header(name), Some(value), "{what} {name}");
        }
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("base-uri 'none'"), "{what} {policy}");
        assert!(!policy.contains("form-action"), "it would hold up the way back to the client: {policy}");
    }
}

#[tokio::test]
async fn as_28_the_session_is_a_cookie_that_no_other_host_can_set() {
    const SITE: &str = "https://auth.example";
    let server = server();
    let builder = AuthServer::builder(SITE).shared_store(Arc::new(Memory::new())).key(MasterKey::generate());
    let auth = builder.catalog(server.registry()).login(MagicLink::new(MemoryMailer::new())).build().expect("it can start");
    let config = HttpConfig {
        public_url: Some(SITE.to_owned()),
        authenticator: Authenticator::Provider(Arc::new(auth.clone())),
        site: Beside::site(auth.clone()),
        ..HttpConfig::default()
    };
    let address = listen(HttpService::new(server.into_dispatcher().expect("it is sound"), config).expect("it is usable")).await;
    let body = json!({"redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "none"}).to_string();
    let headers = [("Host", "auth.example"), ("Content-Type", "application/json")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = Request { address, method: "POST", path: "/register".to_owned(), headers: headers.to_vec(), body: Bytes::from(body) };
    let registered = Answer::of(request).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let id = registered.json()["client_id"].as_str().expect("an id").to_owned();
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let browser = Browser::new();
    browser.route(SITE, address).expect("an origin");
    let url = format!(
        "{SITE}/authorize?response_type=code&client_id={id}&redirect_uri={HOSTED_CALLBACK}&code_challenge={challenge}&code_challenge_method=S256"
    );
    let page = browser.visit(&url).await.expect("it opens").page().expect("a page");
    assert!(page.title().starts_with("Sign in"), "{}", page.title());
    let cookie = browser.cookie("__Host-mcp_session").expect("a cookie");
    assert!(cookie.secure && cookie.http_only && cookie.host_only, "{cookie:?}");
    assert_eq!((cookie.path.as_str(), cookie.same_site), ("/", SameSite::Lax));
    assert_eq!(browser.refused_cookies(), Vec::<String>::new());
}

#[tokio::test]
async fn as_28_a_decision_is_of_this_session_and_this_request() {
    let site = Authorized::start().await;
    let (ann, bob, client) = (Person::new(&site, "ann"), Person::new(&site, "bob"), client(&site, "One").await);
    let flow = client.flow(&site, "mcp:read");
    let first = page(&site, &ann, &flow).await;
    let second = page(&site, &ann, &flow).await;
    let foreign = page(&site, &bob, &flow).await;
    let form = decision(&first);
    let token = |page: &Page| decision(page).value("csrf").expect("a token");
    let allow = form.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    for csrf in ["", "wrong", &token(&second), &token(&foreign)] {
        let landing = form.clone().forge("csrf", csrf).submit(Some(&allow)).await.expect("an answer");
        assert_eq!(landing.page().expect("a page").status(), 403, "{csrf}");
    }
    assert!(site.recorded("form", "not this session's"));

    // A page of somebody else's has no cookie to send along; even one that knew the token could not send it.
    let action = form.action().expect("a URL");
    let own = token(&first);
    let fields = [("csrf", own.as_str()), ("decision", "allow"), ("scope", "mcp:read")];
    let landing = ann.browser.cross_site(action.as_str(), &fields).await.expect("an answer");
    assert!(matches!(&landing, Landing::Page(page) if page.status() >= 400), "{landing:?}");
    let cookie = format!("mcp_session={}", ann.browser.cookie("mcp_session").expect("a session").value);
    let path = format!("{}?{}", action.path(), action.query().expect("a query"));
    for (name, value) in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")] {
        let answer = site.post_with(&path, &fields, &[("Cookie", &cookie), (name, value)]).await;
        assert_eq!((answer.status, answer.header("location")), (403, None), "{name}: {value}");
    }
    let answer = site.send("GET", &format!("{path}&csrf={own}&decision=allow&scope=mcp:read"), &[("Cookie", &cookie)], "").await;
    assert_eq!((answer.status, answer.header("location")), (403, None), "links decide nothing");

    let landing = decide(&first, true).await;
    assert!(landing.parameter("code").is_some(), "what is hers still works: {landing:?}");
    let twice = decide(&first, true).await.page().expect("a page");
    assert_eq!(twice.status(), 400, "it was answered: {}", twice.title());
}

#[tokio::test]
async fn as_30_after_a_form_browsers_are_led_on_with_303() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), client(&site, "One").await);
    tokens(&site, &ann, &client, "mcp:read").await;
    ann.deny(&site, &client.flow(&site, "mcp:write")).await;
    let history = ann.browser.history();
    let led: Vec<u16> = history.iter().map(|step| step.status).filter(|status| (300..400).contains(status)).collect();
    assert!(history.iter().any(|step| step.method == "POST" && step.status == 303), "{history:?}");
    assert!(led.iter().all(|status| *status == 303), "{history:?}");
}
