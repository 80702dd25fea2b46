//! GitHub, with what is peculiar about it.

use serde_json::json;

use super::*;
use crate::server::login::testing::host;
use crate::server::login::{GithubUpstream, Upstream};

const UNTRUE: &str = "GitHub could not tell who you are; try again";

struct Case {
    site: Arc<FakeSite>,
    method: GithubUpstream,
}

impl Case {
    fn new() -> Self {
        Self::with(|method| method)
    }

    fn with(change: impl FnOnce(GithubUpstream) -> GithubUpstream) -> Self {
        let site = fake();
        let mut method = change(Upstream::github("us", "hush"));
        method.attach(&host(site.clone()).1);
        site.put("POST /login/oauth/access_token", 200, &json!({ "access_token": "gho_x", "token_type": "bearer", "scope": "user:email" }));
        site.put("GET /user", 200, &json!({ "id": 583_231, "login": "ann", "name": "Ann", "email": "public@example.com" }));
        site.put("GET /user/emails", 200, &json!([{ "email": "Ann@Example.com", "primary": true, "verified": true }]));
        Self { site, method }
    }

    async fn sign_in(&self) -> Result<Identity, String> {
        let mut sent = Sent::by(&self.method, Browser::new()).await;
        let state = sent.query("state").to_owned();
        sent.back(&self.method, &[("code", "c"), ("state", &state)]).await
    }
}

#[tokio::test]
async fn a_person_is_the_number_of_its_account() {
    let case = Case::new();
    let mut sent = Sent::by(&case.method, Browser::new()).await;
    assert_eq!((sent.endpoint.as_str(), sent.query("client_id")), ("https://github.com/login/oauth/authorize", "us"));
    assert_eq!((sent.query("scope"), sent.query("code_challenge_method")), ("read:user user:email", "S256"));
    let state = sent.query("state").to_owned();
    let identity = sent.back(&case.method, &[("code", "c"), ("state", &state)]).await.expect("it is known");
    let expected = Identity {
        issuer: "https://github.com".to_owned(),
        subject: "583231".to_owned(),
        email: Some("ann@example.com".to_owned()),
        name: Some("Ann".to_owned()),
        groups: Vec::new(),
        amr: vec!["fed"],
    };
    assert_eq!(identity, expected);

    let exchange = case.site.asked("/login/oauth/access_token");
    assert_eq!(exchange.headers()["accept"], "application/json");
    let sent_form = form(&exchange);
    for (name, value) in [("client_id", "us"), ("client_secret", "hush"), ("code", "c")] {
        assert_eq!(sent_form[name], value);
    }
    assert!(sent_form.contains_key("code_verifier"));
    let user = case.site.asked("/user");
    assert_eq!(
        (&user.headers()["authorization"], user.headers().contains_key("user-agent")),
        (&"Bearer gho_x".parse().expect("a value"), true)
    );
    assert_eq!(user.uri().host(), Some("api.github.com"));

    case.site.put("GET /user", 200, &json!({ "id": 583_231, "login": "renamed", "name": null }));
    let renamed = case.sign_in().await.expect("it is known");
    assert_eq!((renamed.subject.as_str(), renamed.name.as_deref()), ("583231", Some("renamed")));
    case.site.put("GET /user", 200, &json!({ "id": 9, "login": "ann", "name": "Ann" }));
    assert_eq!(case.sign_in().await.expect("it is known").subject, "9", "who takes a name over is somebody else");
}

#[tokio::test]
async fn errors_come_with_status_200() {
    let case = Case::new();
    for (status, answer) in [
        (200, json!({ "error": "bad_verification_code", "error_description": "The code passed is incorrect or expired." })),
        (200, json!({ "error": "incorrect_client_credentials", "access_token": "gho_x" })),
        (200, json!({})),
        (200, json!("gho_x")),
        (500, json!({ "access_token": "gho_x" })),
    ] {
        case.site.put("POST /login/oauth/access_token", status, &answer);
        assert_eq!(case.sign_in().await, Err(UNTRUE.to_owned()), "{answer}");
    }
}

#[tokio::test]
async fn the_address_is_the_main_one_if_it_is_verified() {
    for (emails, known) in [
        (
            json!([{ "email": "old@example.com", "primary": false, "verified": true }, { "email": "ann@example.com", "primary": true, "verified": true }]),
            Some("ann@example.com"),
        ),
        (
            json!([{ "email": "ann@example.com", "primary": true, "verified": false }, { "email": "old@example.com", "primary": false, "verified": true }]),
            None,
        ),
        (json!([{ "email": "ann@example.com", "primary": "true", "verified": true }]), None),
        (json!([{ "email": "ann", "primary": true, "verified": true }]), None),
        (json!([]), None),
        (json!({}), None),
    ] {
        let case = Case::new();
        case.site.put("GET /user/emails", 200, &emails);
        assert_eq!(case.sign_in().await.expect("it is known").email.as_deref(), known, "{emails}");
    }
}

#[tokio::test]
async fn nobody_is_let_in_without_a_number_or_an_answer() {
    for (what, status, answer) in [
        ("GET /user", 200, json!({ "login": "ann" })),
        ("GET /user", 200, json!({ "id": "583231", "login": "ann" })),
        ("GET /user", 401, json!({ "message": "Bad credentials" })),
        ("GET /user/emails", 404, json!({ "message": "Not Found" })),
    ] {
        let case = Case::new();
        case.site.put(what, status, &answer);
        assert_eq!(case.sign_in().await, Err(UNTRUE.to_owned()), "{what} {answer}");
    }
}

#[tokio::test]
async fn organizations_are_groups_and_can_be_asked_for() {
    let members = |method: GithubUpstream| method.only_members_of(["Acme", "umbrella"]);
    for (found, groups) in [
        (json!([{ "login": "acme" }, { "login": "other" }]), Some(vec!["Acme".to_owned()])),
        (json!([{ "login": "umbrella" }, { "login": "ACME" }]), Some(vec!["Acme".to_owned(), "umbrella".to_owned()])),
        (json!([{ "login": "acme-fans" }]), None),
        (json!([]), None),
        (json!({}), None),
    ] {
        let case = Case::with(members);
        case.site.put("GET /user/orgs", 200, &found);
        assert_eq!(case.sign_in().await.ok().map(|identity| identity.groups), groups, "{found}");
        let sent = Sent::by(&case.method, Browser::new()).await;
        assert_eq!(sent.query("scope"), "read:user user:email read:org");
    }
}

#[tokio::test]
async fn pages_of_organizations_are_read_to_a_bound() {
    let case = Case::with(|method| method.only_members_of(["acme"]));
    let page: Vec<Value> = (0..100).map(|number| json!({ "login": format!("o{number}") })).collect();
    case.site.put("GET /user/orgs", 200, &json!(page));
    assert!(case.sign_in().await.is_err());
    let asked = case.site.asked.lock().expect("no test panics here");
    let queries: Vec<_> =
        asked.iter().filter(|request| request.uri().path() == "/user/orgs").filter_map(|request| request.uri().query()).collect();
    assert_eq!((queries.len(), queries[1]), (10, "per_page=100&page=2"));
}

#[tokio::test]
async fn people_of_another_github_are_other_people() {
    let case = Case::with(|method| method.at("https://github.example.com/", "https://github.example.com/api/v3/"));
    case.site.put("GET /api/v3/user", 200, &json!({ "id": 583_231, "login": "ann" }));
    case.site.put("GET /api/v3/user/emails", 200, &json!([]));
    let identity = case.sign_in().await.expect("it is known");
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), ("https://github.example.com", "583231"));
    assert!(!format!("{:?}", case.method).contains("hush"));
}

#[tokio::test]
async fn who_was_not_sent_does_not_come_back() {
    let case = Case::new();
    let mut sent = Sent::by(&case.method, Browser::new()).await;
    let state = sent.query("state").to_owned();
    assert!(sent.back(&case.method, &[("code", "c"), ("state", "x")]).await.is_err());
    assert!(sent.back(&case.method, &[("code", "c"), ("state", &state)]).await.is_err());
    let mut sent = Sent::by(&case.method, Browser::new()).await;
    let state = sent.query("state").to_owned();
    let denied = sent.back(&case.method, &[("error", "access_denied"), ("state", &state)]).await;
    assert_eq!(denied, Err("GitHub was told not to sign you in here".to_owned()));
}
