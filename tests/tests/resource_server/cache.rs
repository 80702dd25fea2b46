//! What is remembered of a token, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use mcp_auth::{AuthError, Authenticate, Cached, Clock, Credentials, Fetch, FetchError, Principal};
use mcp_tests::client::until;
use mcp_tests::protected::{Site, Web, behind, now};
use serde_json::json;
use tokio::sync::watch;

use super::upstream::{introspection, say};

/// A time that tests let pass.
#[derive(Clone)]
pub(crate) struct Time(SystemTime, Arc<AtomicU64>);

impl Default for Time {
    fn default() -> Self {
        Self(SystemTime::now(), Arc::default())
    }
}

impl Time {
    pub(crate) fn clock(&self) -> Clock {
        let Self(start, passed) = self.clone();
        Clock::new(move || start + Duration::from_millis(passed.load(Ordering::SeqCst)))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.1.fetch_add(u64::try_from(time.as_millis()).expect("not ages"), Ordering::SeqCst);
    }
}

struct Setting {
    web: Arc<Web>,
    time: Time,
    site: Site,
}

impl Setting {
    async fn start() -> Self {
        let (web, time) = (Arc::new(Web::default()), Time::default());
        let site = Site::start(Cached::new(introspection(&web).clock(time.clock())).clock(time.clock())).await;
        say(&web, json!({}));
        Self { web, time, site }
    }

    /// Calls once; gives the status and how often the issuer was asked so far.
    async fn call(&self, token: &str) -> (u16, usize) {
        let status = self.site.call(Some(token), "whoami").await.status;
        (status, self.web.asked().len())
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn rs_24_a_good_token_is_asked_about_once_a_minute() {
    let setting = Setting::start().await;
    assert_eq!(setting.call("one").await, (200, 1));
    assert_eq!(setting.call("one").await, (200, 1));
    assert_eq!(setting.call("two").await, (200, 2), "another token is another question");
    setting.time.pass(SECOND * 59);
    assert_eq!(setting.call("one").await, (200, 2));
    setting.time.pass(SECOND);
    assert_eq!(setting.call("one").await, (200, 3));
}

#[tokio::test]
async fn rs_24_and_not_for_longer_than_it_is_good() {
    let setting = Setting::start().await;
    say(&setting.web, json!({"exp": now() + 50}));
    assert_eq!(setting.call("one").await, (200, 1));
    setting.time.pass(SECOND * 48);
    assert_eq!(setting.call("one").await, (200, 1));
    setting.time.pass(SECOND * 3);
    assert_eq!(setting.call("one").await, (401, 2));
}

#[tokio::test]
async fn rs_24_a_refusal_is_remembered_for_ten_seconds() {
    let setting = Setting::start().await;
    say(&setting.web, json!({"active": false}));
    assert_eq!(setting.call("one").await, (401, 1));
    say(&setting.web, json!({}));
    setting.time.pass(SECOND * 9);
    assert_eq!(setting.call("one").await, (401, 1));
    setting.time.pass(SECOND);
    assert_eq!(setting.call("one").await, (200, 2));
}

#[tokio::test]
async fn rs_24_that_nobody_answered_is_not_remembered() {
    let setting = Setting::start().await;
    setting.web.cut("https://issuer.example/introspect");
    assert_eq!(setting.call("one").await, (503, 1));
    assert_eq!(setting.call("one").await, (503, 2));
    say(&setting.web, json!({}));
    assert_eq!(setting.call("one").await, (200, 3));
}

/// A web that answers when it is let.
struct Held {
    web: Arc<Web>,
    open: watch::Receiver<bool>,
}

#[async_trait]
impl Fetch for Held {
    async fn fetch(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, FetchError> {
        let answer = self.web.fetch(request).await;
        self.open.clone().wait_for(|open| *open).await.expect("the test opens it");
        answer
    }
}

/// Counts who came.
struct Counted<A>(A, Arc<AtomicUsize>);

#[async_trait]
impl<A: Authenticate> Authenticate for Counted<A> {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.authenticate(credentials).await
    }
}

#[tokio::test]
async fn rs_24_those_who_ask_at_once_share_one_question() {
    const CALLERS: usize = 30;
    let (web, came) = (Arc::new(Web::default()), Arc::new(AtomicUsize::new(0)));
    say(&web, json!({}));
    let (open, opened) = watch::channel(false);
    let held = Arc::new(Held { web: web.clone(), open: opened });
    let uri = http::Uri::from_static("https://issuer.example/introspect");
    let verifier = Cached::new(mcp_auth::Introspection::new(held, uri, mcp_auth::ClientAuth::basic("mcp", "hush")));
    assert!(!format!("{verifier:?}").contains("hush"));
    let site = Arc::new(Site::with(behind(Counted(verifier, came.clone()))).await);
    let calls: Vec<_> = (0..CALLERS)
        .map(|_| {
            let site = site.clone();
            tokio::spawn(async move { site.call(Some("one"), "whoami").await.status })
        })
        .collect();
    until("all came", || came.load(Ordering::SeqCst) == CALLERS).await;
    open.send_replace(true);
    for call in calls {
        assert_eq!(call.await.expect("no panic"), 200);
    }
    assert_eq!(web.asked().len(), 1);
}
