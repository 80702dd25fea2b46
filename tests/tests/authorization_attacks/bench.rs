//! What the attacks share: a server that is watched, and what is checked after each.

use std::future::Future;

use mcp_auth::server::AuthServerBuilder;
use mcp_testkit::browser::{Landing, Page};
use mcp_testkit::{Canary, LogCapture};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person, Tokens, decide};
use mcp_tests::protected::Answer;
use tokio::task::JoinSet;

/// How many do the same at once.
pub(crate) const AT_ONCE: usize = 50;

/// A server of which everything is logged.
pub(crate) async fn site() -> Authorized {
    site_with(|builder| builder).await
}

/// The same with other settings.
pub(crate) async fn site_with(settle: impl FnOnce(AuthServerBuilder) -> AuthServerBuilder) -> Authorized {
    LogCapture::global();
    Authorized::with(settle).await
}

/// A server with a public client, and Ann.
pub(crate) async fn cast() -> (Authorized, Client, Person) {
    let site = site().await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let ann = Person::new(&site, "ann");
    (site, client, ann)
}

/// A code that a person gave a client.
pub(crate) async fn code(site: &Authorized, client: &Client, person: &Person, scope: &str) -> String {
    let landing = match person.open(site, &client.flow(site, scope)).await {
        Landing::Page(page) => decide(&page, true).await,
        decided_before => decided_before,
    };
    landing.parameter("code").unwrap_or_else(|| panic!("no code: {landing:?}"))
}

/// The refresh token of an answer.
pub(crate) fn refresh_token(tokens: &Tokens) -> String {
    tokens.refresh.clone().expect("a refresh token")
}

/// A secret of somebody who has nothing to do with an attack.
pub(crate) async fn bystander(site: &Authorized) -> String {
    Client::confidential(site, "https://bystander.example/callback").await.secret.expect("a secret")
}

/// That something was recorded.
#[track_caller]
pub(crate) fn assert_recorded(site: &Authorized, operation: &str, verdict: &str) {
    assert!(site.recorded(operation, verdict), "no record of {operation} {verdict} in\n{}", site.records().join("\n"));
}

/// That none of the secrets is in the log or in the audit records.
#[track_caller]
pub(crate) fn assert_unwritten(site: &Authorized, secrets: &[&str]) {
    let canary = Canary::with_log(LogCapture::global());
    for (at, secret) in secrets.iter().enumerate() {
        canary.register(&format!("secret {at}"), secret);
    }
    canary.wrote("audit", &site.records().join("\n"));
    canary.assert_clean();
}

/// That an answer is an error in the words of OAuth.
#[track_caller]
pub(crate) fn assert_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(code)), "{answer:?}");
    assert_eq!(answer.json().get("access_token"), None);
}

/// The page that a navigation ended on.
#[track_caller]
pub(crate) fn page(landing: Landing) -> Page {
    landing.page().expect("a page")
}

/// Does the same many times at once.
pub(crate) async fn at_once<F>(count: usize, one: impl Fn(usize) -> F) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(count));
    let mut all = JoinSet::new();
    for at in 0..count {
        let (barrier, doing) = (barrier.clone(), one(at));
        all.spawn(async move {
            barrier.wait().await;
            doing.await
        });
    }
    all.join_all().await
}
