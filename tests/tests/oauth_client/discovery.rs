//! Which authorization server is asked, and what is asked of it.

use mcp_testkit::{Document, Loopback};
use mcp_tests::authorized::challenge_of;
use serde_json::{Value, json};

use super::fake::Fake;
use super::{call, connect, person, refused};

const AT_PATH: &str = "/.well-known/oauth-protected-resource/mcp";
const AT_ROOT: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";

/// A signed-in client, and what was asked until then besides MCP.
async fn paths(fake: &Fake) -> Vec<String> {
    connect(fake, person()).await.expect("it signs in");
    fake.paths()
}

#[tokio::test]
async fn cl_01_the_metadata_that_the_challenge_names_is_used_and_no_other() {
    let fake = Fake::with(|script| {
        script.challenge = Some(format!("Bearer resource_metadata=\"{}/elsewhere.json\"", script.origin()));
        let document = json!({"resource": format!("{}/mcp", script.origin()), "authorization_servers": [script.origin()]});
        script.put("/elsewhere.json", Document::json(&document));
        script.lacks(AT_PATH);
    });
    assert_eq!(paths(&fake.await).await, ["/elsewhere.json", SERVER, "/register", "/authorize", "/token"]);
}

#[tokio::test]
async fn cl_02_without_a_challenge_the_path_is_asked_before_the_root() {
    let fake = Fake::with(|script| script.challenge = Some(String::new())).await;
    assert_eq!(paths(&fake).await[..2], [AT_PATH, SERVER]);
    let fake = Fake::with(|script| {
        script.challenge = Some("Bearer".to_owned());
        script.lacks(AT_PATH);
        script.put(AT_ROOT, Document::json(&json!({"resource": script.origin(), "authorization_servers": [script.origin()]})));
    });
    let fake = fake.await;
    assert_eq!(paths(&fake).await[..3], [AT_PATH, AT_ROOT, SERVER]);
    assert_eq!(fake.parameters("/token", "resource"), [Some(fake.origin())]);
}

#[tokio::test]
async fn cl_03_the_well_known_places_of_an_issuer_are_asked_in_order() {
    let places = [
        "/.well-known/oauth-authorization-server/tenant",
        "/.well-known/openid-configuration/tenant",
        "/tenant/.well-known/openid-configuration",
    ];
    for (at, place) in places.iter().enumerate() {
        let fake = Fake::with(|script| {
            let issuer = format!("{}/tenant", script.origin());
            script.resource = json!({"authorization_servers": [&issuer]});
            script.callback = Some(format!("code=c&iss={issuer}"));
            let endpoint = |path: &str| format!("{}{path}", script.origin());
            let metadata = json!({
                "issuer": issuer,
                "authorization_endpoint": endpoint("/authorize"),
                "token_endpoint": endpoint("/token"),
                "registration_endpoint": endpoint("/register"),
                "code_challenge_methods_supported": ["S256"],
            });
            script.put(place, Document::json(&metadata));
        });
        let fake = fake.await;
        assert_eq!(paths(&fake).await[1..at + 2], places[..=at]);
        assert!(fake.at(SERVER).is_empty(), "the metadata of the whole host is another issuer's");
    }
}

#[tokio::test]
async fn cl_04_metadata_of_another_issuer_is_not_used() {
    for found in ["https://honest.example", "ORIGIN/", "ORIGIN/tenant"] {
        let fake = Fake::with(|script| script.metadata = json!({"issuer": found.replace("ORIGIN", script.origin())})).await;
        let why = refused(&fake, person()).await;
        assert!(why.contains("it is not used"), "{why}");
        assert_eq!(fake.paths(), [AT_PATH, SERVER]);
    }
}

#[tokio::test]
async fn cl_05_metadata_about_another_resource_ends_the_login() {
    for (resource, is_fit) in [
        ("ORIGIN/mcp", true),
        ("ORIGIN/", true),
        ("ORIGIN", true),
        ("ORIGIN/mc", false),
        ("ORIGIN/mcp/more", false),
        ("https://evil.example/mcp", false),
        ("http://127.0.0.1:1/mcp", false),
        ("", false),
    ] {
        let fake = Fake::with(|script| script.resource = json!({"resource": resource.replace("ORIGIN", script.origin())})).await;
        assert_eq!(connect(&fake, person()).await.is_ok(), is_fit, "{resource}");
        assert_eq!(fake.at("/authorize").len(), usize::from(is_fit), "{resource}");
    }
}

#[tokio::test]
async fn cl_06_codes_are_bound_to_a_verifier_and_nothing_less_is_accepted() {
    let fake = Fake::start().await;
    connect(&fake, person()).await.expect("it signs in");
    let verifier = fake.parameters("/token", "code_verifier").remove(0).expect("a verifier");
    assert!(verifier.len() >= 43, "{verifier}");
    assert_eq!(fake.parameters("/authorize", "code_challenge"), [Some(challenge_of(&verifier))]);
    assert_eq!(fake.parameters("/authorize", "code_challenge_method"), [Some("S256".to_owned())]);

    for methods in [Value::Null, json!([]), json!(["plain"])] {
        let fake = Fake::with(|script| script.metadata = json!({"code_challenge_methods_supported": methods})).await;
        let why = refused(&fake, person()).await;
        assert!(why.contains("PKCE"), "{why}");
        assert!(fake.at("/authorize").is_empty() && fake.at("/register").is_empty());
    }
}

#[tokio::test]
async fn cl_07_resource_is_in_authorize_token_and_refresh() {
    let fake = Fake::with(|script| script.lifetime = 0).await;
    let oauth = std::sync::Arc::new(person().build());
    assert_eq!(call(&fake, &oauth).await.expect("it is let in"), "done");
    assert_eq!(fake.parameters("/authorize", "resource"), [Some(fake.mcp())]);
    let at_token = fake.at("/token");
    assert!(at_token.iter().all(|asked| asked.parameter("resource") == Some(fake.mcp())));
    assert!(at_token.iter().any(|asked| asked.parameter("grant_type").as_deref() == Some("refresh_token")), "it was renewed");
}

#[tokio::test]
async fn cl_17_servers_without_metadata_are_their_own_authorization_servers() {
    let fake = Fake::with(|script| {
        script.challenge = Some("Bearer".to_owned());
        script.lacks(AT_PATH);
    });
    let fake = fake.await;
    assert_eq!(paths(&fake).await, [AT_PATH, AT_ROOT, SERVER, "/register", "/authorize", "/token"]);

    let fake = Fake::with(|script| {
        script.challenge = Some("Bearer".to_owned());
        script.lacks(AT_PATH);
        script.lacks(SERVER);
    });
    let openid = "/.well-known/openid-configuration";
    assert_eq!(paths(&fake.await).await, [AT_PATH, AT_ROOT, SERVER, openid, "/register", "/authorize", "/token"]);
}

#[tokio::test]
async fn cl_23_redirects_are_few_fit_and_without_the_token() {
    let other = Loopback::start(|_| |_: &mcp_testkit::Asked| Document::new("text/plain", "no").status(404)).await;
    // A document may be elsewhere, but not behind many redirects, in clear, or anywhere that is no HTTP.
    for (location, is_fit) in
        [("ORIGIN/moved.json", true), ("ORIGIN/loop", false), ("http://mcp.example/x", false), ("file:///etc/passwd", false)]
    {
        let fake = Fake::with(|script| {
            let origin = script.origin().to_owned();
            script.put(AT_PATH, Document::redirect(302, &location.replace("ORIGIN", &origin)));
            script.put("/moved.json", Document::json(&json!({"resource": format!("{origin}/mcp"), "authorization_servers": [&origin]})));
            script.put("/loop", Document::redirect(302, &format!("{origin}/loop")));
        });
        let fake = fake.await;
        assert_eq!(connect(&fake, person()).await.is_ok(), is_fit, "{location}");
        assert!(fake.at("/loop").len() <= 3);
    }
    // Requests with a token or a code are not sent on.
    for path in ["/mcp", "/token"] {
        let fake = Fake::start().await;
        let oauth = std::sync::Arc::new(person().build());
        if path == "/mcp" {
            call(&fake, &oauth).await.expect("it is let in");
        }
        fake.script().put(path, Document::redirect(307, &format!("{}/steal", other.origin())));
        call(&fake, &oauth).await.expect_err("it goes nowhere else");
    }
    assert!(other.asked().is_empty(), "{:?}", other.asked());
}
