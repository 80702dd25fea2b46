//! The whole way against our own authorization server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mcp_auth::server::ClientToAdd;
use mcp_client::oauth::{Browser, MemoryStore, OAuth, OAuthError, SigningKey, TokenStore};
use mcp_client::{Client, Era, Error, Revision, StaticToken};
use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Person, decide};
use serde_json::{Value, json};

/// A person who signs in and allows or denies what is asked.
struct Ann {
    person: Person,
    allows: bool,
}

#[async_trait]
impl Browser for Ann {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        let landing = self.person.browser.visit(url).await.expect("the page opens");
        let page = match self.person.sign_in(landing).await {
            Landing::Page(page) if page.title().starts_with("Allow") => decide(&page, self.allows).await.page().expect("a page"),
            landing => landing.page().expect("a page"),
        };
        assert!(page.text().contains("You can close this tab"), "{}", page.text());
        Ok(None)
    }
}

async fn connect(site: &Authorized, oauth: &Arc<OAuth>) -> mcp_client::Result<Client> {
    let oauth: Arc<OAuth> = Arc::clone(oauth);
    Client::builder().credentials(oauth).connect(&format!("{}/mcp", site.url)).await
}

#[tokio::test]
async fn every_era_is_let_in() {
    let site = Authorized::start().await;
    for era in [Era::Auto, Era::Modern, Era::Legacy, Era::Exactly(Revision::V2025_03_26)] {
        let client = Client::builder().era(era).credentials(ann(&site, true)).connect(&format!("{}/mcp", site.url)).await;
        let client = client.unwrap_or_else(|error| panic!("{era:?}: {error}"));
        reads(&site, &client).await;
        client.close().await;
    }
}

#[tokio::test]
async fn a_person_signs_in_over_the_old_transport() {
    let site = Authorized::start().await;
    for path in ["/sse", "/v1/sse"] {
        let (url, store) = (format!("{}{path}", site.url), Arc::new(MemoryStore::default()));
        let oauth = OAuth::person(Ann { person: Person::new(&site, "ann"), allows: true }).store(store.clone()).build();
        let oauth: Arc<OAuth> = Arc::new(oauth);
        let client = Client::builder().era(Era::Legacy).credentials(oauth).connect(&url).await.expect("it signs in");
        reads(&site, &client).await;
        let login = store.load(&url).await.expect("logins").remove(0);
        assert_eq!(login.resource, url, "clients that compare it find what they were given");
        site.clock.advance(Duration::from_secs(2 * 3_600));
        client.call_tool("executes", &json!({})).await.expect("a message that is refused renews the token");
        client.close().await;
    }
}

#[tokio::test]
async fn a_token_for_the_endpoint_opens_the_old_transport() {
    let site = Authorized::start().await;
    let store = Arc::new(MemoryStore::default());
    let oauth = OAuth::person(Ann { person: Person::new(&site, "ann"), allows: true }).store(store.clone()).build();
    connect(&site, &Arc::new(oauth)).await.expect("it signs in");
    let login = store.load(&format!("{}/mcp", site.url)).await.expect("logins").remove(0);
    let token = StaticToken::shared(&login.tokens.expect("tokens").access).expect("a token");
    let client = Client::builder().era(Era::Legacy).credentials(token).connect(&format!("{}/sse", site.url)).await;
    reads(&site, &client.expect("it is let in")).await;
}

async fn reads(site: &Authorized, client: &Client) {
    let said = client.call_tool("reads", &json!({})).await.expect("it is allowed").text();
    assert!(said.contains(&format!("of {}", site.url)), "{said}");
}

fn ann(site: &Authorized, allows: bool) -> Arc<OAuth> {
    Arc::new(OAuth::person(Ann { person: Person::new(site, "ann"), allows }).name("Test client").build())
}

#[tokio::test]
async fn a_person_signs_in_allows_and_stays_signed_in() {
    let site = Authorized::start().await;
    let oauth = ann(&site, true);
    let client = connect(&site, &oauth).await.expect("it signs in");
    reads(&site, &client).await;

    site.clock.advance(Duration::from_secs(2 * 3_600));
    let said = client.call_tool("executes", &json!({})).await.expect("the token is renewed").text();
    assert!(said.contains(&format!("of {}", site.url)), "{said}");
    assert_eq!(site.records().iter().filter(|line| line.contains("oauth/refresh")).count(), 1);
    client.close().await;

    // Another connection with the same login asks nobody.
    let again = connect(&site, &oauth).await.expect("it is signed in");
    again.call_tool("reads", &json!({})).await.expect("it is allowed");
}

#[tokio::test]
async fn a_person_who_denies_is_not_asked_again() {
    let site = Authorized::start().await;
    let Err(error) = connect(&site, &ann(&site, false)).await else { panic!("it was denied") };
    assert!(matches!(error, Error::Authorization(_)), "{error}");
    assert!(error.to_string().contains("`access_denied`"), "{error}");
}

#[tokio::test]
async fn calls_that_are_refused_at_once_ask_the_person_once() {
    let site = Authorized::start().await;
    let oauth = ann(&site, true);
    let clients = tokio::join!(connect(&site, &oauth), connect(&site, &oauth), connect(&site, &oauth));
    for client in [clients.0, clients.1, clients.2] {
        client.expect("it signs in").call_tool("reads", &json!({})).await.expect("it is allowed");
    }
    let asked = site.records().iter().filter(|line| line.contains("oauth/register")).count();
    assert!(asked <= 1, "{:?}", site.records());
}

#[tokio::test]
async fn programs_of_the_operator_are_let_in() {
    let site = Authorized::start().await;
    let (key, jwk) = key();
    let add = |jwks| ClientToAdd {
        name: "Nightly report".to_owned(),
        scopes: Some(["mcp:read".to_owned()].into()),
        jwks,
        ..ClientToAdd::default()
    };
    let secret = site.auth.add_client(add(None)).await.expect("a client");
    let keyed = site.auth.add_client(add(Some(json!({"keys": [jwk]})))).await.expect("a client");
    let by_secret = OAuth::program(secret.id, secret.secret.expect("a secret"));
    let by_key = OAuth::program_with_key(keyed.id, key);
    // The one with a key signs by the system's clock, so it comes before that of the server is another one.
    for oauth in [by_key, by_secret] {
        let oauth = Arc::new(oauth.build());
        let client = connect(&site, &oauth).await.expect("it is let in");
        reads(&site, &client).await;
        let Err(error) = client.call_tool("executes", &json!({})).await else { panic!("the operator did not give it that") };
        assert!(matches!(error, Error::Refused { status: 403, .. } | Error::Authorization(_)), "{error}");
        site.clock.advance(Duration::from_secs(2 * 3_600));
    }
}

/// A key, and its public half as the operator writes it down.
fn key() -> (SigningKey, Value) {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key");
    let point = pair.public_key().as_ref();
    let coordinate = |at: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[at]);
    let jwk =
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": coordinate(1..33), "y": coordinate(33..65)});
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
    (SigningKey::from_pem(&pem).expect("it can be read"), jwk)
}

#[tokio::test]
async fn a_person_who_signs_out_is_signed_out_everywhere() {
    let site = Authorized::start().await;
    let (store, server) = (Arc::new(MemoryStore::default()), format!("{}/mcp", site.url));
    let oauth = OAuth::person(Ann { person: Person::new(&site, "ann"), allows: true }).store(store.clone()).build();
    let oauth = Arc::new(oauth);
    connect(&site, &oauth).await.expect("it signs in");
    let token = store.load(&server).await.expect("logins").remove(0).tokens.expect("tokens").access;
    oauth.sign_out(&server).await.expect("it signs out");
    let brought = Client::builder().credentials(StaticToken::shared(&token).expect("a token")).connect(&server).await;
    assert!(matches!(brought, Err(Error::Refused { status: 401, .. })), "its token is good no more");
}
