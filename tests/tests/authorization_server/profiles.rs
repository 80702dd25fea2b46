//! A client of each revision of the protocol, from its registration to the end of its grant.

use mcp_core::Revision;
use mcp_testkit::http::Request;
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, LOOPBACK_CALLBACK, Person, Tokens, VERIFIER, parameters};
use mcp_tests::client::{call, initialize, post};
use mcp_tests::protected::{Answer, authorized};
use serde_json::{Value, json};

use crate::support::{refresh_of, refused};

/// What sets the clients of a revision apart.
struct Profile {
    revision: Revision,
    /// Where they look for the authorization server first, if they look at all.
    metadata: &'static [&'static str],
    /// They name the resource that they want to use, at each step (RFC 8707).
    resource: bool,
    /// They read the scopes to ask for from the challenge.
    scopes: bool,
    /// They check who answers (RFC 9207).
    iss: bool,
    /// What they say of themselves, besides what all say.
    application_type: Option<&'static str>,
    redirect_uri: &'static str,
}

#[tokio::test]
async fn profile_a_knows_no_resource_and_finds_the_endpoints_where_they_always_are() {
    run(&Profile {
        revision: Revision::V2025_03_26,
        metadata: &[],
        resource: false,
        scopes: false,
        iss: false,
        application_type: None,
        redirect_uri: LOOPBACK_CALLBACK,
    })
    .await;
}

#[tokio::test]
async fn profile_b_names_the_resource_that_the_challenge_led_it_to() {
    run(&Profile {
        revision: Revision::V2025_06_18,
        metadata: &["/.well-known/oauth-authorization-server"],
        resource: true,
        scopes: false,
        iss: false,
        application_type: None,
        redirect_uri: HOSTED_CALLBACK,
    })
    .await;
}

#[tokio::test]
async fn profile_c_looks_in_all_places_and_asks_for_the_scopes_of_the_challenge() {
    run(&Profile {
        revision: Revision::V2025_11_25,
        metadata: &["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"],
        resource: true,
        scopes: true,
        iss: false,
        application_type: None,
        redirect_uri: LOOPBACK_CALLBACK,
    })
    .await;
}

#[tokio::test]
async fn profile_d_checks_who_answers_and_says_what_it_is() {
    run(&Profile {
        revision: Revision::V2026_07_28,
        metadata: &["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"],
        resource: true,
        scopes: true,
        iss: true,
        application_type: Some("native"),
        redirect_uri: LOOPBACK_CALLBACK,
    })
    .await;
}

/// What a client knows of where to go and what to ask for.
struct Known {
    authorize: String,
    token: String,
    register: String,
    revoke: String,
    resource: Option<String>,
    scope: Option<String>,
}

async fn run(profile: &Profile) {
    let site = Authorized::start().await;
    let known = discover(&site, profile).await;
    let client = register(&site, profile, &known).await;
    let given = connect(&site, profile, &known, &client).await;
    use_it(&site, profile, &given).await;

    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_of(&given))];
    fields.extend(known.resource.as_deref().map(|resource| ("resource", resource)));
    let renewed = Tokens::of(&client.ask(&site, &known.token, &fields).await);
    assert_eq!(renewed.scope, given.scope);
    use_it(&site, profile, &renewed).await;

    assert_eq!(client.ask(&site, &known.revoke, &[("token", refresh_of(&renewed))]).await.status, 200);
    assert_eq!(open(&site, profile, Some(&renewed.access)).await.status, 401);
    refused(&client.ask(&site, &known.token, &fields).await, 400, "invalid_grant");
    assert!(site.recorded("oauth/register", "succeeded") && site.recorded("oauth/revoke", "succeeded"));
}

/// Finds out where to go, as clients of the revision do.
async fn discover(site: &Authorized, profile: &Profile) -> Known {
    let mut known = Known {
        authorize: "/authorize".to_owned(),
        token: "/token".to_owned(),
        register: "/register".to_owned(),
        revoke: "/revoke".to_owned(),
        resource: None,
        scope: None,
    };
    let challenge = open(site, profile, None).await;
    assert_eq!(challenge.status, 401, "{challenge:?}");
    let Some((first, others)) = profile.metadata.split_first() else { return known };
    let path = |url: &str| url.strip_prefix(&site.url).unwrap_or_else(|| panic!("{url} is elsewhere")).to_owned();
    let resource = site.get(&path(challenge.challenged("resource_metadata").expect("where the metadata is"))).await.json();
    assert_eq!(resource["authorization_servers"], json!([site.url]));
    let metadata = site.get(first).await.json();
    for other in others {
        assert_eq!(site.get(other).await.json(), metadata, "{other}");
    }
    assert_eq!(metadata["issuer"], resource["authorization_servers"][0], "to the letter");
    assert!(metadata["code_challenge_methods_supported"].as_array().is_some_and(|methods| methods.contains(&json!("S256"))));
    let endpoint = |name: &str| path(metadata[name].as_str().unwrap_or_else(|| panic!("no {name}: {metadata}")));
    known.authorize = endpoint("authorization_endpoint");
    known.token = endpoint("token_endpoint");
    known.register = endpoint("registration_endpoint");
    known.revoke = endpoint("revocation_endpoint");
    known.resource = profile.resource.then(|| resource["resource"].as_str().expect("a URL").to_owned());
    known.scope = profile.scopes.then(|| challenge.challenged("scope").expect("scopes to begin with").to_owned());
    known
}

async fn register(site: &Authorized, profile: &Profile, known: &Known) -> Client {
    let mut metadata = json!({
        "client_name": "Test client",
        "redirect_uris": [profile.redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    if let Some(kind) = profile.application_type {
        metadata["application_type"] = json!(kind);
    }
    let answer = site.send("POST", &known.register, &[("Content-Type", "application/json")], &metadata.to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["client_id"].as_str().expect("an id").to_owned();
    Client { id, secret: None, redirect_uri: profile.redirect_uri.to_owned() }
}

async fn connect(site: &Authorized, profile: &Profile, known: &Known, client: &Client) -> Tokens {
    assert_eq!(known.authorize, "/authorize", "where flows of these tests go");
    let flow = client.flow(site, "").without("resource").without("scope");
    let flow = match &known.resource {
        Some(resource) => flow.with("resource", resource),
        None => flow,
    };
    let flow = match &known.scope {
        Some(scope) => flow.with("scope", scope),
        None => flow,
    };
    let landing = Person::new(site, "ann").allow(site, &flow).await;
    let answered = parameters(&landing);
    let only = |name: &str| {
        let values: Vec<&str> = answered.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect();
        assert_eq!(values.len(), 1, "{name} {answered:?}");
        values[0].to_owned()
    };
    assert_eq!(only("state"), "st/ate=1");
    if profile.iss {
        assert_eq!(only("iss"), site.url);
    }
    let code = only("code");
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", profile.redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    fields.extend(known.resource.as_deref().map(|resource| ("resource", resource)));
    let given = Tokens::of(&client.ask(site, &known.token, &fields).await);
    assert_eq!(given.claims()["aud"], format!("{}/mcp", site.url), "whether or not it was named");
    if let Some(scope) = &known.scope {
        assert_eq!(&given.scope, scope);
    }
    given
}

/// The first request to the endpoint: it opens a session, or in revisions without sessions it is a call.
async fn open(site: &Authorized, profile: &Profile, token: Option<&str>) -> Answer {
    Answer::of(authorized(first(site, profile), token)).await
}

fn first(site: &Authorized, profile: &Profile) -> Request {
    let (address, revision) = (site.address, profile.revision);
    if revision.is_modern() {
        post(address, revision, None, &call(revision, 1, "reads", "{}"))
    } else {
        post(address, revision, None, &initialize(revision))
    }
}

/// Calls a tool in the way of the revision.
async fn use_it(site: &Authorized, profile: &Profile, tokens: &Tokens) {
    let opened = open(site, profile, Some(&tokens.access)).await;
    assert_eq!(opened.status, 200, "{opened:?}");
    let answer = match opened.header("mcp-session-id") {
        Some(session) => {
            assert!(!profile.revision.is_modern(), "there are no sessions any more");
            let frame = call(profile.revision, 2, "reads", "{}");
            Answer::of(authorized(post(site.address, profile.revision, Some(session), &frame), Some(&tokens.access))).await
        }
        None => {
            assert!(profile.revision.is_modern(), "{opened:?}");
            opened
        }
    };
    let text = result(&answer)["content"][0]["text"].as_str().expect("a text").to_owned();
    assert!(text.contains(tokens.claims()["sub"].as_str().expect("a person")), "{text}");
}

/// The result, which may have come as an event.
fn result(answer: &Answer) -> Value {
    let data = answer.body.lines().find_map(|line| line.strip_prefix("data: ").filter(|data| data.contains("\"result\"")));
    let frame: Value = serde_json::from_str(data.unwrap_or(&answer.body)).unwrap_or_else(|_| panic!("{answer:?}"));
    frame["result"].clone()
}
