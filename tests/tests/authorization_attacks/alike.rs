//! Attacks by what can be told apart at the token endpoint: what is unknown, what is somebody else's, and what is wrong.
//!
//! How long an answer takes is not measured here. What takes the time is compared: what the store is asked, in which order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use mcp_auth::server::MasterKey;
use mcp_store::{Applied, Change, Index, Key, Memory, Page, Record, Store, StoreError, Time};
use mcp_testkit::{LogCapture, VirtualClock};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, VERIFIER};

use crate::bench::{assert_error, assert_recorded, assert_unwritten, code, refresh_token};

/// A store that notes what it is asked for, but not by which id.
#[derive(Clone, Default)]
struct Noting {
    store: Arc<Memory>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Noting {
    fn note(&self, what: String) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// What it was asked since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Store for Noting {
    async fn get(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
        self.note(format!("get {}", key.kind));
        self.store.get(key, now).await
    }

    async fn apply(&self, changes: Vec<Change>, now: Time) -> Result<Applied, StoreError> {
        self.note(format!("apply {}", changes.len()));
        self.store.apply(changes, now).await
    }

    async fn list(&self, by: Index<'_>, page: Page, now: Time) -> Result<Vec<Record>, StoreError> {
        self.note("list".to_owned());
        self.store.list(by, page, now).await
    }

    async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError> {
        self.note("purge".to_owned());
        self.store.purge(by).await
    }

    async fn count(&self, key: &Key, by: u64, ttl: Duration, now: Time) -> Result<u64, StoreError> {
        self.note(format!("count {} by {by}", key.kind));
        self.store.count(key, by, ttl, now).await
    }

    async fn sweep(&self, now: Time, max: u64) -> Result<u64, StoreError> {
        self.note("sweep".to_owned());
        self.store.sweep(now, max).await
    }
}

async fn site() -> (Noting, Authorized) {
    LogCapture::global();
    let (store, clock) = (Noting::default(), VirtualClock::new());
    clock.set(SystemTime::now());
    let site = Authorized::on(Arc::new(store.clone()), MasterKey::generate(), clock, |builder| builder).await;
    (store, site)
}

/// Sends forms that are refused with an error, and compares the answers to the byte and the ways to them.
async fn check(store: &Noting, site: &Authorized, (status, code): (u16, &str), cases: &[(&str, Vec<(&str, &str)>)]) {
    let mut first = None;
    for (name, fields) in cases {
        store.asked();
        let answer = site.post("/token", fields).await;
        let asked = store.asked();
        assert_error(&answer, status, code);
        assert!(!asked.is_empty(), "{name}");
        let (body, way) = first.get_or_insert_with(|| (answer.body.clone(), asked.clone()));
        assert_eq!((&answer.body, &asked), (&*body, &*way), "{name} is told apart from {}", cases[0].0);
    }
}

#[tokio::test]
async fn attack_clients_an_unknown_client_and_a_wrong_secret_take_the_same_way() {
    let (store, site) = site().await;
    let client = Client::confidential(&site, HOSTED_CALLBACK).await;
    let public = Client::public(&site, HOSTED_CALLBACK).await;
    let secret = client.secret.clone().expect("a secret");
    let near = format!("{}{}", &secret[..secret.len() - 1], if secret.ends_with('A') { 'B' } else { 'A' });
    let as_client =
        |id, secret| vec![("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", id), ("client_secret", secret)];
    let cases = [
        ("a wrong secret", as_client(client.id.as_str(), "wrong")),
        ("all but the last letter", as_client(&client.id, &near)),
        ("an unknown client", as_client("unknown", "wrong")),
        ("an unknown client with the secret of another", as_client("unknown", &secret)),
        ("a client without a secret", as_client(&public.id, "wrong")),
    ];
    check(&store, &site, (401, "invalid_client"), &cases).await;
    assert_recorded(&site, "oauth/token", "invalid_client");
    assert_unwritten(&site, &[&secret, &near]);
}

#[tokio::test]
async fn attack_grants_an_unknown_code_and_one_of_another_client_take_the_same_way() {
    let (store, site) = site().await;
    let (own, other) = (Client::public(&site, HOSTED_CALLBACK).await, Client::public(&site, "https://other.example/callback").await);
    let ann = Person::new(&site, "ann");
    let (waiting, spent) = (code(&site, &other, &ann, "mcp:read").await, code(&site, &other, &ann, "mcp:read").await);
    assert_eq!(other.exchange(&site, &spent).await.status, 200);
    let with =
        |code| vec![("grant_type", "authorization_code"), ("client_id", own.id.as_str()), ("code", code), ("code_verifier", VERIFIER)];
    let cases = [
        ("a code that there is not", with("mac_x")),
        ("a part of a code", with(&waiting[..waiting.len() - 1])),
        ("a code of another client", with(&waiting)),
        ("a code that another client used", with(&spent)),
    ];
    check(&store, &site, (400, "invalid_grant"), &cases).await;
    assert_eq!(other.exchange(&site, &waiting).await.status, 200, "nothing of it used the code up");
    assert_recorded(&site, "oauth/token", "code of another client");
    assert_unwritten(&site, &[&waiting, &spent]);
}

#[tokio::test]
async fn attack_grants_an_unknown_refresh_token_and_one_of_another_client_take_the_same_way() {
    let (store, site) = site().await;
    let (own, other) = (Client::public(&site, HOSTED_CALLBACK).await, Client::public(&site, "https://other.example/callback").await);
    let ann = Person::new(&site, "ann");
    let (ours, theirs) = (own.connect(&site, &ann, "mcp:read").await, other.connect(&site, &ann, "mcp:read").await);
    let (ours, theirs) = (refresh_token(&ours), refresh_token(&theirs));
    let with = |token| vec![("grant_type", "refresh_token"), ("client_id", own.id.as_str()), ("refresh_token", token)];
    let forged = |token: &str| format!("{}.AAAA", token.rsplit_once('.').expect("a tag").0);
    let (forged_ours, forged_theirs) = (forged(&ours), forged(&theirs));
    let cases = [
        ("a token of no grant", with("mrt1.AAAA.0.AAAA")),
        ("a token of another client", with(&theirs)),
        ("a forged one of another client", with(&forged_theirs)),
        ("a forged one of its own", with(&forged_ours)),
    ];
    check(&store, &site, (400, "invalid_grant"), &cases).await;
    assert_eq!(other.refresh(&site, &theirs).await.status, 200, "nothing of it ended the grant");
    assert_recorded(&site, "oauth/refresh", "refresh token of another client");
    assert_unwritten(&site, &[&ours, &theirs]);
}
