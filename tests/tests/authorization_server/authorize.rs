//! Requests to act for a person: what is answered on a page, and what is told to the client.

use mcp_tests::authorized::{Authorized, Client, Flow, HOSTED_CALLBACK, LOOPBACK_CALLBACK, Person};
use serde_json::json;

use crate::support::{code, location, parameter, refused};

/// A change to a good request.
type Change = fn(Flow) -> Flow;

#[tokio::test]
async fn as_04_unknown_client_or_redirect_is_an_error_page() {
    let site = Authorized::start().await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let good = client.flow(&site, "mcp:read");
    let changes: [(&str, Change); 9] = [
        ("an unknown client", |flow| flow.with("client_id", "p_unknown")),
        ("no client", |flow| flow.without("client_id")),
        ("two clients", |flow| flow.and("client_id", "p_other")),
        ("a document that is none", |flow| flow.with("client_id", "https://127.0.0.1/client.json")),
        ("an unregistered redirect", |flow| flow.with("redirect_uri", "https://evil.example/callback")),
        ("what the notes would let pass", |flow| flow.with("redirect_uri", "https://claude.ai/api/mcp/auth_callback")),
        ("two redirects", |flow| flow.and("redirect_uri", "https://evil.example/callback")),
        ("two states", |flow| flow.and("state", "other")),
        ("everything else wrong, too", |flow| flow.with("redirect_uri", "https://evil.example/").with("response_type", "token")),
    ];
    for (count, (what, change)) in changes.into_iter().enumerate() {
        let answer = site.get(&change(good.clone()).path()).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{what}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
        assert!(!answer.body.contains("evil.example"), "{what}");
        let denied = site.records().iter().filter(|line| line.contains("client or redirect")).count();
        assert_eq!(denied, count + 1, "{what} is recorded");
    }
    assert!(site.recorded("oauth/authorize", "client or redirect"));
}

#[tokio::test]
async fn as_05_redirects_match_to_the_letter_but_for_the_port_on_loopback() {
    let site = Authorized::start().await;
    for (registered, asked, matches) in [
        ("http://127.0.0.1:51234/callback", "http://127.0.0.1:9/callback", true),
        ("http://127.0.0.1/", "http://127.0.0.1:33418/", true),
        ("http://localhost/callback", "http://localhost:33418/callback", true),
        ("http://[::1]:1/callback", "http://[::1]:2/callback", true),
        ("http://127.0.0.1:51234/callback", "http://127.0.0.1:51234/callback/", false),
        ("http://127.0.0.1:51234/callback", "http://127.0.0.1:51234/callback?x=1", false),
        ("http://127.0.0.1:51234/callback", "http://127.0.0.1:51234/", false),
        ("http://127.0.0.1:51234/callback", "http://localhost:51234/callback", false),
        ("http://127.0.0.1:51234/callback", "https://127.0.0.1:51234/callback", false),
        ("http://127.0.0.1:51234/callback", "http://127.0.0.1.evil.example/callback", false),
        ("https://client.example/callback", "https://client.example/callback", true),
        ("https://client.example/callback?a=1", "https://client.example/callback?a=1", true),
        ("https://client.example/callback?a=1", "https://client.example/callback?a=2", false),
        ("https://client.example/callback", "https://client.example:444/callback", false),
        ("https://client.example/callback", "https://client.example/callback/more", false),
        ("https://client.example/callback", "https://client.example/callback?a=1", false),
        ("https://client.example/callback", "https://client.example/callback#f", false),
        ("https://client.example/callback", "https://client.example/Callback", false),
        ("https://client.example/callback", "https://client.example/%63allback", false),
        ("https://client.example/callback", "https://client.example/x/../callback", false),
        ("https://client.example/callback", "https://CLIENT.example/callback", false),
        ("https://client.example/callback", "https://sub.client.example/callback", false),
        ("https://client.example/callback", "https://client.example.evil.example/callback", false),
        ("https://client.example/callback", "http://client.example/callback", false),
    ] {
        let client = Client::public(&site, registered).await;
        let answer = site.get(&client.flow(&site, "mcp:read").with("redirect_uri", asked).path()).await;
        assert_eq!(answer.status, if matches { 303 } else { 400 }, "{registered} {asked}");
    }
    for uri in
        ["https://*.client.example/callback", "https://client.example/callback#f", "/callback", "https://", "client.example/callback"]
    {
        refused(&site.register(&json!({"redirect_uris": [uri]})).await, 400, "invalid_redirect_uri");
    }
}

#[tokio::test]
async fn as_06_redirects_that_run_something_are_refused_everywhere() {
    let site = Authorized::start().await;
    let client = Client::public(&site, LOOPBACK_CALLBACK).await;
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "javascript://client.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "DATA:text/html,x",
        "file:///etc/passwd",
        "vbscript:msgbox(1)",
        "blob:https://client.example/1",
        "view-source:https://client.example/",
        "http://client.example/callback",
        "https://user@client.example/callback",
        "https://client.example\\@evil.example/callback",
        "https://client.example/call\u{0}back",
        "cursor:callback",
    ] {
        let body = json!({"redirect_uris": [uri], "token_endpoint_auth_method": "none"});
        refused(&site.register(&body).await, 400, "invalid_redirect_uri");
        let answer = site.get(&client.flow(&site, "mcp:read").with("redirect_uri", uri).path()).await;
        assert_eq!((answer.status, answer.header("location")), (400, None), "{uri:?}");
    }
    assert!(site.recorded("oauth/register", "invalid_redirect_uri"));
    assert!(site.recorded("oauth/authorize", "client or redirect"));
    for uri in
        ["https://client.example/callback", "http://localhost:1/cb", "cursor://anysphere.cursor-mcp/oauth/callback", "com.example.app:/cb"]
    {
        assert_eq!(site.register(&json!({"redirect_uris": [uri], "token_endpoint_auth_method": "none"})).await.status, 201, "{uri}");
    }
    let secret = json!({"redirect_uris": ["com.example.app:/cb"], "token_endpoint_auth_method": "client_secret_basic"});
    refused(&site.register(&secret).await, 400, "invalid_redirect_uri");
}

#[tokio::test]
async fn as_07_other_errors_are_told_to_the_client_with_its_state_and_our_name() {
    let site = Authorized::start().await;
    let client = Client::public(&site, "https://client.example/callback?own=1").await;
    let good = client.flow(&site, "mcp:read");
    let changes: [(&str, Change); 11] = [
        ("invalid_request", |flow| flow.without("response_type")),
        ("invalid_request", |flow| flow.and("scope", "mcp:execute")),
        ("invalid_request", |flow| flow.with("response_mode", "fragment")),
        ("invalid_request", |flow| flow.without("code_challenge")),
        ("unsupported_response_type", |flow| flow.with("response_type", "code id_token")),
        ("request_not_supported", |flow| flow.with("request", "eyJ")),
        ("request_uri_not_supported", |flow| flow.with("request_uri", "https://client.example/request")),
        ("invalid_target", |flow| flow.with("resource", "https://other.example/mcp")),
        ("invalid_request", |flow| flow.with("prompt", "none login")),
        ("login_required", |flow| flow.with("prompt", "none")),
        ("invalid_request", |flow| flow.and("code_challenge_method", "plain")),
    ];
    for (error, change) in changes {
        let flow = change(good.clone());
        let to = location(&site.get(&flow.path()).await);
        assert!(to.as_str().starts_with("https://client.example/callback?own=1&"), "{to}");
        assert_eq!(parameter(&to, "error").as_deref(), Some(error), "{flow:?}");
        assert_eq!(parameter(&to, "state").as_deref(), Some("st/ate=1"), "{to}");
        assert_eq!(parameter(&to, "iss"), Some(site.url.clone()), "{to}");
        assert_eq!((parameter(&to, "code"), to.fragment()), (None, None), "{to}");
    }
    assert!(site.recorded("oauth/authorize", "invalid_target"));
    let (person, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let denied = person.deny(&site, &client.flow(&site, "mcp:read")).await.external().expect("the client is told");
    let told = ["error", "state", "iss"].map(|name| parameter(&denied, name));
    assert_eq!(told, [Some("access_denied".to_owned()), Some("st/ate=1".to_owned()), Some(site.url.clone())]);
    assert!(site.recorded("oauth/authorize", "by the person"));
}

#[tokio::test]
async fn as_08_without_a_good_challenge_there_is_no_code() {
    let site = Authorized::start().await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let good = client.flow(&site, "mcp:read");
    assert!(location(&site.get(&good.path()).await).as_str().starts_with(&format!("{}/continue?", site.url)));
    let changes: [Change; 10] = [
        |flow| flow.without("code_challenge"),
        |flow| flow.without("code_challenge").without("code_challenge_method"),
        |flow| flow.with("code_challenge", ""),
        |flow| flow.without("code_challenge_method"),
        |flow| flow.with("code_challenge_method", "plain"),
        |flow| flow.with("code_challenge_method", "s256"),
        |flow| flow.with("code_challenge_method", "S512"),
        |flow| flow.with("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c"),
        |flow| flow.with("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="),
        |flow| flow.with("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
    ];
    for change in changes {
        let flow = change(good.clone());
        let to = location(&site.get(&flow.path()).await);
        assert_eq!(parameter(&to, "error").as_deref(), Some("invalid_request"), "{flow:?}");
    }
    assert!(site.recorded("oauth/authorize", "invalid_request"));
}

#[tokio::test]
async fn as_36_there_are_codes_and_no_other_way_to_a_persons_tokens() {
    let site = Authorized::start().await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    for kind in ["token", "id_token", "code token", "id_token token", "none", "CODE"] {
        let to = location(&site.get(&client.flow(&site, "mcp:read").with("response_type", kind).path()).await);
        assert_eq!(parameter(&to, "error").as_deref(), Some("unsupported_response_type"), "{kind}");
        assert_eq!(to.fragment(), None, "{kind}");
    }
    for grant in ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:device_code"] {
        let fields = [("grant_type", grant), ("username", "ann"), ("password", "secret"), ("scope", "mcp:read")];
        refused(&client.ask(&site, "/token", &fields).await, 400, "unsupported_grant_type");
    }
    assert!(site.recorded("oauth/authorize", "unsupported_response_type"));
}

#[tokio::test]
async fn as_39_what_was_asked_for_is_kept_here_and_not_in_the_form() {
    let site = Authorized::start().await;
    let (ann, client) = (Person::new(&site, "ann"), Client::public(&site, HOSTED_CALLBACK).await);
    let page = ann.open(&site, &client.flow(&site, "mcp:read")).await.page().expect("a page that asks");
    let form = page.forms().into_iter().find(|form| form.buttons().iter().any(|button| button == "Deny")).expect("a form");
    let names: Vec<String> = form.fields().iter().map(|field| field.name.clone()).collect();
    assert!(names.iter().all(|name| ["csrf", "scope", "expires"].contains(&name.as_str())), "{names:?}");
    let allow = form.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    let forged = form
        .forge("client_id", "p_other")
        .forge("redirect_uri", "https://evil.example/callback")
        .forge("state", "other")
        .forge("user", "bob")
        .forge("resource", "https://evil.example/mcp")
        .forge("scope", "mcp:execute");
    let landing = forged.submit(Some(&allow)).await.expect("an answer");
    let to = landing.clone().external().expect("back at the client");
    assert!(to.as_str().starts_with(HOSTED_CALLBACK), "{to}");
    assert_eq!(landing.parameter("state").as_deref(), Some("st/ate=1"));
    let answer = client.exchange(&site, &landing.parameter("code").expect("a code")).await;
    assert_eq!((answer.status, answer.json()["scope"].as_str()), (200, Some("")), "a scope that was not offered is not given");

    // What waits for Ann's browser waits for no other one.
    let waiting =
        ann.browser.visit(&client.flow(&site, "mcp:read mcp:execute").url(&site)).await.expect("it opens").page().expect("a page");
    let bob = Person::new(&site, "bob");
    code(&site, &bob, &client.flow(&site, "mcp:read")).await;
    let stolen = bob.browser.visit(waiting.url().as_str()).await.expect("it opens").page().expect("a page");
    assert_eq!((stolen.status(), stolen.title().contains("over")), (400, true), "{}", stolen.title());
}
