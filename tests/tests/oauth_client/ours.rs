//! The whole way against our own authorization server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mcp_auth::server::ClientToAdd;
use mcp_client::oauth::{Browser, ClientAuth, Headless, MemoryStore, OAuth, OAuthError, SigningKey, TokenStore};
use mcp_client::{Client, Era, Error, Revision, StaticToken};
use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Person, decide};
use mcp_tests::keyed::Keyed;
use mcp_tests::protected::Web;
use serde_json::json;

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
    let key = Keyed::generate();
    let add = |jwks| ClientToAdd {
        name: "Nightly report".to_owned(),
        scopes: Some(["mcp:read".to_owned()].into()),
        jwks,
        ..ClientToAdd::default()
    };
    let secret = site.auth.add_client(add(None)).await.expect("a client");
    let keyed = site.auth.add_client(add(Some(json!({"keys": [key.jwk]})))).await.expect("a client");
    let by_secret = OAuth::program(secret.id, secret.secret.expect("a secret"));
    let by_key = OAuth::program_with_key(keyed.id, SigningKey::from_pem(&key.pem).expect("it can be read"));
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

#[tokio::test]
async fn a_client_of_a_document_signs_who_it_is_for_as_long_as_it_stays() {
    const DOCUMENT: &str = "https://client.example/oauth/client.json";
    let (key, web, folder) = (Keyed::generate(), Arc::new(Web::default()), tempfile::tempdir().expect("there is room"));
    web.put(DOCUMENT, &key.document(DOCUMENT));
    let site = Authorized::with(|builder| builder.fetcher(web)).await;
    let (server, path) = (format!("{}/mcp", site.url), folder.path().join("key.pem"));
    std::fs::write(&path, &key.pem).expect("it is ours");
    let (store, renewed) = (Arc::new(MemoryStore::default()), |site: &Authorized| site.recorded("oauth/refresh", "succeeded"));
    let person = || OAuth::person(Ann { person: Person::new(&site, "ann"), allows: true }).document(DOCUMENT).store(store.clone());
    reads(&site, &connect(&site, &Arc::new(person().key_file(&path).build())).await.expect("it signs in")).await;
    let mut logins = store.load(&server).await.expect("logins");
    assert_eq!(logins[0].client.id, DOCUMENT);
    assert_eq!((logins[0].client.auth, logins[0].client.key_file.as_deref()), (ClientAuth::PrivateKeyJwt, Some(&*path)));
    assert_eq!(site.records().iter().filter(|line| line.contains("oauth/register")).count(), 0);

    // Another process renews it with the key that the login names, and one that has the wrong key does not.
    logins[0].tokens.as_mut().expect("tokens").expires_at = Some(1);
    store.save(&store.lock(&server).await.expect("a lock"), &logins).await.expect("it is saved");
    let other = SigningKey::from_pem(&Keyed::generate().pem).expect("it can be read");
    let nobody = OAuth::person(Headless::default()).document(DOCUMENT).store(store.clone());
    assert!(connect(&site, &Arc::new(nobody.key(other).build())).await.is_err(), "it is somebody else's");
    assert!(!renewed(&site), "{:?}", site.records());
    store.save(&store.lock(&server).await.expect("a lock"), &logins).await.expect("it is saved");
    let oauth = Arc::new(person().build());
    reads(&site, &connect(&site, &oauth).await.expect("it is renewed")).await;
    assert!(renewed(&site), "{:?}", site.records());
    oauth.sign_out(&server).await.expect("it is taken back");
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
