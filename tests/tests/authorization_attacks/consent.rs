//! Attacks on the decision of a person.

use mcp_testkit::browser::{Form, Landing, Page};
use mcp_testkit::{Document, DocumentHost};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, decide};
use serde_json::json;

use crate::bench::{assert_recorded, assert_unwritten, cast, code, page, site};

/// The form by which a person decides.
fn decision(page: &Page) -> Form {
    let form = page.forms().into_iter().find(|form| form.buttons().iter().any(|button| button == "Deny"));
    form.unwrap_or_else(|| panic!("not a page that asks: {}", page.text()))
}

/// The page that asks a person.
async fn asked(site: &Authorized, client: &Client, person: &Person) -> Page {
    let asked = page(person.open(site, &client.flow(site, "mcp:read")).await);
    assert!(asked.title().starts_with("Allow "), "{}", asked.text());
    asked
}

/// Checks that what was sent is refused and gives nobody a code.
#[track_caller]
fn check_refused(landing: Landing, status: u16) {
    let page = page(landing);
    assert_eq!(page.status(), status, "{}", page.text());
}

#[tokio::test]
async fn attack_authorize_a_decision_is_not_forged_by_another_site() {
    let (site, client, ann) = cast().await;
    let form = decision(&asked(&site, &client, &ann).await);
    let action = form.action().expect("where it is sent");
    let csrf = form.value("csrf").expect("a token");
    for fields in [
        vec![("decision", "allow"), ("scope", "mcp:read")],
        vec![("decision", "allow"), ("scope", "mcp:read"), ("csrf", "")],
        vec![("decision", "allow"), ("scope", "mcp:read"), ("csrf", "AAAA")],
        // Even if it knew the token.
        vec![("decision", "allow"), ("scope", "mcp:read"), ("csrf", csrf.as_str())],
    ] {
        let landing = ann.browser.cross_site(action.as_str(), &fields).await.expect("an answer");
        let refused = page(landing);
        assert!(matches!(refused.status(), 400 | 403), "{fields:?} {}", refused.text());
    }
    // With the cookie, as if the browser had none of these rules: what it says of the sender still counts.
    let cookie = format!("mcp_session={}", ann.browser.cookie("mcp_session").expect("a session").value);
    let body = format!("decision=allow&scope=mcp%3Aread&csrf={csrf}");
    let path = action.as_str().trim_start_matches(&site.url).to_owned();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    for header in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")] {
        let answer = site.send("POST", &path, &[kind, ("Cookie", &cookie), header], &body).await;
        assert_eq!((answer.status, answer.header("location")), (403, None), "{header:?} {answer:?}");
    }
    let no_token = site.send("POST", &path, &[kind, ("Cookie", &cookie)], "decision=allow&scope=mcp%3Aread").await;
    assert_eq!((no_token.status, no_token.header("location")), (403, None), "{no_token:?}");
    assert_recorded(&site, "form", "not this session's");
    assert_unwritten(&site, &[&csrf, cookie.trim_start_matches("mcp_session=")]);
}

#[tokio::test]
async fn attack_authorize_a_decision_counts_once_and_for_its_own_request() {
    let (site, client, ann) = cast().await;
    let other = Client::public(&site, "https://other.example/callback").await;
    let first = asked(&site, &client, &ann).await;
    let second = asked(&site, &other, &ann).await;
    // The token of one request is none of another.
    let crossed = decision(&second).forge("csrf", &decision(&first).value("csrf").expect("a token"));
    check_refused(crossed.submit(Some("Deny")).await.expect("an answer"), 403);
    let code = decide(&first, true).await.parameter("code").expect("a code");
    let again = decision(&first);
    let allow = again.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    check_refused(again.submit(Some(&allow)).await.expect("an answer"), 400);
    assert_recorded(&site, "form", "not this session's");
    assert_recorded(&site, "login", "no such sign-in");
    assert_unwritten(&site, &[&code]);
}

#[tokio::test]
async fn attack_authorize_a_form_of_one_person_is_nothing_in_the_browser_of_another() {
    let (site, client, ann) = cast().await;
    let bob = Person::new(&site, "bob");
    let anns = decision(&asked(&site, &client, &ann).await);
    asked(&site, &client, &bob).await;
    let action = anns.action().expect("where it is sent");
    let csrf = anns.value("csrf").expect("a token");
    let cookie = format!("mcp_session={}", bob.browser.cookie("mcp_session").expect("a session").value);
    let body = format!("decision=allow&scope=mcp%3Aread&csrf={csrf}");
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie.as_str())];
    let answer = site.send("POST", action.as_str().trim_start_matches(&site.url), &headers, &body).await;
    assert_eq!((answer.status, answer.header("location")), (403, None), "{answer:?}");
    // Nor does he see what she was asked.
    check_refused(bob.browser.visit(&action.as_str().replace("/consent", "/continue")).await.expect("an answer"), 400);
    assert_recorded(&site, "form", "not this session's");
    assert_unwritten(&site, &[&csrf]);
}

#[tokio::test]
async fn attack_authorize_nobody_is_signed_in_as_somebody_else_from_outside() {
    let (site, client, _) = cast().await;
    let (victim, attacker) = (Person::new(&site, "ann"), Person::new(&site, "bob"));
    let flow = client.flow(&site, "mcp:read");
    // The attacker stops where it would choose who to be, and has the victim's browser send that.
    let login = page(attacker.browser.visit(&flow.url(&site)).await.expect("a page"));
    let choice = page(login.form("0").expect("a way to sign in").submit(None).await.expect("a page"));
    let form = choice.form("0").expect("people to choose from");
    let (action, csrf) = (form.action().expect("where it is sent"), form.value("csrf").expect("a token"));
    let victims = page(victim.browser.visit(&flow.url(&site)).await.expect("a page"));
    let before = victim.browser.cookie("mcp_session").expect("a session").value;
    let landing = victim.browser.cross_site(action.as_str(), &[("csrf", &csrf), ("person", "bob")]).await.expect("an answer");
    let refused = page(landing);
    assert!(matches!(refused.status(), 400 | 403), "{}", refused.text());
    // With the victim's cookie, as from a browser without these rules.
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", &format!("mcp_session={before}"))];
    let path = action.as_str().trim_start_matches(&site.url);
    let answer = site.send("POST", path, &headers, &format!("csrf={csrf}&person=bob")).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{answer:?}");
    let still = page(victim.browser.visit(victims.url().as_str()).await.expect("a page"));
    assert!(still.title().starts_with("Sign in"), "{}", still.text());
    assert_recorded(&site, "form", "not this session's");
    assert_unwritten(&site, &[&csrf, &before]);
}

#[tokio::test]
async fn attack_authorize_a_name_does_not_pass_for_another() {
    let site = site().await;
    let ann = Person::new(&site, "ann");
    let tracker = DocumentHost::open().await;
    tracker.serve("/logo.svg", Document::new("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>"));
    let long = "Claude ".repeat(700);
    for (at, name) in [
        "Claude",
        "Claude\u{202e}edualC",
        "Cla\u{200b}ude\u{feff}\u{2066}",
        "<script>alert(1)</script>",
        "<img src=https://evil.example/x onerror=alert(1)>",
        "\"><form action=https://evil.example/>",
        "Claude\r\nSet-Cookie: a=b",
        long.as_str(),
        "",
        "\u{200b}\u{202e}",
    ]
    .into_iter()
    .enumerate()
    {
        let metadata = json!({
            "client_name": name, "redirect_uris": [format!("https://c{at}.evil.example/callback")], "token_endpoint_auth_method": "none",
            "logo_uri": tracker.url("/logo.svg"), "client_uri": "https://claude.ai", "tos_uri": tracker.url("/logo.svg"),
        });
        let answer = site.register(&metadata).await;
        assert_eq!(answer.status, 201, "{name:?} {answer:?}");
        let id = answer.json()["client_id"].as_str().expect("an id").to_owned();
        let client = Client { id, secret: None, redirect_uri: format!("https://c{at}.evil.example/callback") };
        let asked = asked(&site, &client, &ann).await;
        let (text, body) = (asked.text(), asked.body());
        assert!(text.contains(&format!("c{at}.evil.example")), "where it leads is shown: {text}");
        assert!(text.contains("Name not verified"), "{text}");
        assert!(!body.contains("<script") && !body.contains("<img src=https") && !body.contains("<form action"), "{body}");
        assert!(!body.chars().any(|character| matches!(character, '\u{200b}' | '\u{202e}' | '\u{2066}' | '\u{feff}')), "{body:?}");
        assert!(!body.contains("src=\"http") && !body.contains(&tracker.url("")), "nothing is loaded from elsewhere: {body}");
        let shown = asked.title();
        let shown = shown.strip_prefix("Allow ").and_then(|rest| rest.split_once('?')).expect("a name").0;
        assert!(!shown.is_empty() && shown.chars().count() <= 64, "{shown:?}");
    }
    assert_eq!(tracker.asked().len(), 0, "no picture is fetched");
    assert_recorded(&site, "oauth/register", "succeeded");
    let session = ann.browser.cookie("mcp_session").expect("a session").value;
    assert_unwritten(&site, &[&session]);
}

#[tokio::test]
async fn attack_authorize_what_was_decided_covers_no_more_than_that() {
    let site = site().await;
    let ann = Person::new(&site, "ann");
    let second = "https://client.example/other";
    let metadata = json!({"client_name": "App", "redirect_uris": [HOSTED_CALLBACK, second], "token_endpoint_auth_method": "none"});
    let id = site.register(&metadata).await.json()["client_id"].as_str().expect("an id").to_owned();
    let client = Client { id, secret: None, redirect_uri: HOSTED_CALLBACK.to_owned() };
    let first = code(&site, &client, &ann, "mcp:read").await;
    let flow = client.flow(&site, "mcp:read");
    let again = ann.open(&site, &flow).await.parameter("code").expect("what was decided is not asked again");
    for (what, flow) in [
        ("more scopes", client.flow(&site, "mcp:read mcp:write")),
        ("another redirect", flow.clone().with("redirect_uri", second)),
        ("the wish to be asked", flow.clone().with("prompt", "consent")),
    ] {
        let asked = page(ann.open(&site, &flow).await);
        assert!(asked.title().starts_with("Allow "), "{what}: {}", asked.text());
    }
    // A client that says something else of itself is another one.
    let metadata =
        json!({"client_name": "App", "redirect_uris": [HOSTED_CALLBACK, "https://evil.example/"], "token_endpoint_auth_method": "none"});
    let other = site.register(&metadata).await.json()["client_id"].as_str().expect("an id").to_owned();
    assert_ne!(other, client.id);
    asked(&site, &Client { id: other, ..client.clone() }, &ann).await;
    assert_recorded(&site, "oauth/authorize", "succeeded");
    assert_unwritten(&site, &[&first, &again]);
}
