//! What the tests of the authorization server share.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use mcp_auth::{Fetch, FetchError};
use mcp_testkit::browser::Landing;
use mcp_testkit::{Canary, DocumentHost};
use mcp_tests::authorized::{Authorized, Client, Flow, Person, Tokens, decide};
use mcp_tests::protected::Answer;
use serde_json::Value;
use url::Url;

/// Where the documents of clients are, as far as the server knows.
pub(crate) const DOCUMENTS: &str = "https://client.example";

/// Fetches what is at [`DOCUMENTS`] from a host on loopback. Nobody else answers.
pub(crate) struct Mapped(pub(crate) Arc<DocumentHost>);

#[async_trait]
impl Fetch for Mapped {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let unreachable = |why: &str| FetchError::Unreachable(why.to_owned());
        let url = request.uri().to_string();
        let path = url.strip_prefix(DOCUMENTS).ok_or_else(|| unreachable("no such host"))?;
        let address: SocketAddr = self.0.url("").trim_start_matches("http://").parse().expect("an address");
        let asked = mcp_testkit::http::Request { address, method: "GET", path: path.to_owned(), headers: Vec::new(), body: Bytes::new() };
        let mut answer = asked.send().await.map_err(|error| unreachable(&error.to_string()))?;
        let body = answer.body().await.map_err(|error| unreachable(&error.to_string()))?;
        let mut response = Response::builder().status(answer.head.status);
        for (name, value) in &answer.head.headers {
            response = response.header(name, value);
        }
        Ok(response.body(body.into()).expect("a response"))
    }
}

/// A server whose clients have documents, and the host of these.
pub(crate) async fn with_documents() -> (Authorized, Arc<DocumentHost>) {
    let host = Arc::new(DocumentHost::open().await);
    let fetcher = Arc::new(Mapped(Arc::clone(&host)));
    (Authorized::with(|builder| builder.fetcher(fetcher)).await, host)
}

/// Checks that an endpoint refused with this status and error.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.json()["error"], error, "{answer:?}");
}

/// Where an answer leads to.
#[track_caller]
pub(crate) fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 303, "{answer:?}");
    Url::parse(answer.header("location").expect("a location")).expect("a URL")
}

/// A parameter of a URL.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// Has a person allow what is asked for, if it has not before, and takes the code.
pub(crate) async fn code(site: &Authorized, person: &Person, flow: &Flow) -> String {
    let landing = match person.open(site, flow).await {
        Landing::Page(page) => decide(&page, true).await,
        away @ Landing::External(_) => away,
    };
    landing.parameter("code").unwrap_or_else(|| panic!("no code: {landing:?}"))
}

/// The same, and exchanges the code.
pub(crate) async fn tokens(site: &Authorized, person: &Person, client: &Client, scope: &str) -> Tokens {
    let code = code(site, person, &client.flow(site, scope)).await;
    Tokens::of(&client.exchange(site, &code).await)
}

/// The refresh token.
pub(crate) fn refresh_of(tokens: &Tokens) -> &str {
    tokens.refresh.as_deref().expect("a refresh token")
}

/// Checks that none of these is in the audit records.
#[track_caller]
pub(crate) fn assert_not_recorded(site: &Authorized, secrets: &[&str]) {
    let canary = Canary::new();
    for secret in secrets {
        canary.register("secret", secret);
    }
    canary.wrote("audit", &site.records().join("\n"));
    canary.assert_clean();
}

/// The header of a JWT.
pub(crate) fn header_of(token: &str) -> Value {
    let header = token.split('.').next().expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}
