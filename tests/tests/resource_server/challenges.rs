//! Requests without a token, and with what is none.

use async_trait::async_trait;
use mcp_auth::{ApiKeys, AuthError, Authenticate, Credentials};
use mcp_core::{Principal, Revision};
use mcp_testkit::http::Request;
use mcp_tests::client::{call, initialize, post};
use mcp_tests::protected::{Answer, BASELINE, Issuer, METADATA, Signer, Site, authorized, claims, now};
use serde_json::json;

/// The requests by which clients use an endpoint, on every transport over HTTP.
fn requests(site: &Site) -> Vec<Request> {
    let get = |path: &str| Request {
        address: site.address,
        method: "GET",
        path: path.to_owned(),
        headers: vec![("Accept".to_owned(), "text/event-stream".to_owned())],
        body: bytes::Bytes::new(),
    };
    let plain = Request { path: "/mcp/tool/whoami".to_owned(), ..site.request(None, "{}") };
    let slash = Request { path: "/mcp/".to_owned(), ..site.request(None, "{}") };
    let delete = Request { method: "DELETE", ..get("/mcp") };
    vec![
        site.request(None, &call(Revision::LATEST, 1, "whoami", "{}")),
        post(site.address, Revision::V2025_11_25, None, &initialize(Revision::V2025_11_25)),
        post(site.address, Revision::V2025_03_26, None, &initialize(Revision::V2025_03_26)),
        slash,
        plain,
        delete,
        get("/mcp"),
        get("/mcp/tools"),
        get("/sse"),
        get("/v1/sse"),
        Request { method: "POST", ..get("/sse/messages?sessionId=a") },
    ]
}

#[tokio::test]
async fn rs_01_no_token_is_a_bare_challenge() {
    let site = Site::start(Issuer::default().verifier()).await;
    for request in requests(&site) {
        let line = format!("{} {}", request.method, request.path);
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 401, "{line}: {answer:?}");
        assert!(answer.challenge().starts_with("Bearer"), "{line}: {answer:?}");
        assert_eq!((answer.challenged("error"), answer.challenged("error_description")), (None, None), "{line}");
        assert_eq!(answer.json()["error"]["code"], -31401, "{line}");
    }
}

#[tokio::test]
async fn rs_02_the_challenge_names_metadata_and_baseline_scopes() {
    let site = Site::start(Issuer::default().verifier()).await;
    for request in requests(&site) {
        let line = format!("{} {}", request.method, request.path);
        let path = request.path.split('?').next().expect("a path").to_owned();
        let answer = Answer::of(request).await;
        // HTTP+SSE is a resource of its own to clients, which compare its URL with the one that they were given.
        let metadata = match path.trim_end_matches("/messages") {
            sse @ ("/sse" | "/v1/sse") => format!("{}{sse}", METADATA.trim_end_matches("/mcp")),
            _ => METADATA.to_owned(),
        };
        assert_eq!(answer.challenged("resource_metadata"), Some(&*metadata), "{line}");
        assert_eq!(answer.challenged("scope"), Some(BASELINE), "{line}");
    }
    // Where no issuer is known there is no metadata to name.
    let keys = Site::start(ApiKeys::new("mcpk")).await;
    assert_eq!(keys.call(None, "whoami").await.challenge(), format!("Bearer scope=\"{BASELINE}\""));
}

/// Hands out a caller whose time was over before it asked.
struct Late;

#[async_trait]
impl Authenticate for Late {
    async fn authenticate(&self, _: Credentials<'_>) -> Result<Principal, AuthError> {
        Ok(Principal::new("ann").with_expiry(std::time::UNIX_EPOCH))
    }

    fn issuers(&self) -> Vec<String> {
        vec!["https://issuer.example".to_owned()]
    }
}

#[tokio::test]
async fn rs_03_a_bad_token_is_an_invalid_token() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let good = issuer.token(json!({}));
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    let bad = [
        ("malformed", "x\"y".to_owned()),
        ("unknown", "opaque".to_owned()),
        ("empty", String::new()),
        ("of three empty parts", "..".to_owned()),
        ("too long", "a".repeat(9_000)),
        ("expired", issuer.token(json!({"exp": now() - 3_600}))),
        ("of another signature", format!("{signed}.{flipped}{}", &signature[1..])),
        ("without signature", format!("{signed}.")),
        ("signed by somebody else", Signer::new("one").token(&claims())),
        ("of an unknown key", Signer::new("two").token(&claims())),
    ];
    for (what, token) in bad {
        let answer = site.call_everywhere(&token, "whoami").await;
        assert_eq!((answer.status, answer.challenged("error")), (401, Some("invalid_token")), "{what}: {answer:?}");
        assert_eq!((answer.challenged("resource_metadata"), answer.challenged("scope")), (Some(METADATA), Some(BASELINE)), "{what}");
    }
    let records = site.records();
    let refusals = records.iter().filter(|line| line.contains(r#""operation":"authenticate""#) && line.contains(r#""verdict":"denied""#));
    assert_eq!(refusals.count(), 10, "each refusal over HTTP is recorded: {records:?}");
    assert_eq!(site.call_everywhere(&good, "whoami").await.status, 200);

    let late = Site::start(Late).await.call_everywhere("any", "whoami").await;
    assert_eq!((late.status, late.challenged("error")), (401, Some("invalid_token")), "{late:?}");
    assert_eq!(late.challenged("resource_metadata"), Some(METADATA));
}

#[tokio::test]
async fn rs_04_a_token_elsewhere_is_no_token() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let token = issuer.token(json!({}));
    let frame = call(Revision::LATEST, 1, "whoami", "{}");
    let mut query = site.request(None, &frame);
    query.path = format!("/mcp?access_token={token}");
    let mut cookie = site.request(None, &frame);
    cookie.headers.push(("Cookie".to_owned(), format!("access_token={token}; Authorization=Bearer {token}")));
    let mut form = site.request(None, "{}");
    form.headers[0].1 = "application/x-www-form-urlencoded".to_owned();
    form.body = format!("access_token={token}").into();
    let mut header = site.request(None, &frame);
    header.headers.push(("X-Access-Token".to_owned(), token.clone()));
    let body = site.request(None, &frame.replace("\"arguments\":{}", &format!("\"arguments\":{{}},\"access_token\":\"{token}\"")));
    for (place, request) in [("query", query), ("cookie", cookie), ("form", form), ("another header", header), ("message", body)] {
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.challenged("error")), (401, None), "in a {place}: {answer:?}");
    }
    // The stream of the old transport is where tokens in queries were usual.
    let mut stream = site.request(None, "{}");
    (stream.method, stream.path) = ("GET", format!("/sse?access_token={token}"));
    assert_eq!(Answer::of(stream).await.status, 401);
}

#[tokio::test]
async fn rs_05_two_tokens_are_none() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let good = issuer.token(json!({}));
    let frame = call(Revision::LATEST, 1, "whoami", "{}");
    let twice = authorized(site.request(Some(&good), &frame), Some(&good));
    let good_first = authorized(site.request(Some(&good), &frame), Some("other"));
    let good_last = authorized(site.request(Some("other"), &frame), Some(&good));
    let mut two_schemes = site.request(Some(&good), &frame);
    two_schemes.headers.push(("authorization".to_owned(), "Basic YTpi".to_owned()));
    let listed = site.request(Some(&format!("{good}, Bearer {good}")), &frame);
    let extra = site.request(Some(&format!("{good} {good}")), &frame);
    let with_parameter = site.request(Some(&format!("{good};a=b")), &frame);
    for (what, request) in [
        ("twice", twice),
        ("good first", good_first),
        ("good last", good_last),
        ("two schemes", two_schemes),
        ("in a list", listed),
        ("extra parts", extra),
        ("a parameter", with_parameter),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.challenged("error")), (401, Some("invalid_token")), "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn rs_06_the_scheme_is_bearer_in_any_case() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let token = issuer.token(json!({}));
    for (value, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER   {token}"), 200),
        (format!("Basic {token}"), 401),
        (format!("Bearer2 {token}"), 401),
        (token.clone(), 401),
        (format!("DPoP {token}"), 401),
    ] {
        let mut request = site.request(None, &call(Revision::LATEST, 1, "whoami", "{}"));
        request.headers.push(("Authorization".to_owned(), value.clone()));
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, status, "{value}: {answer:?}");
        if status == 401 {
            // Nothing was presented that could be wrong.
            assert_eq!((answer.challenged("error"), answer.challenged("resource_metadata")), (None, Some(METADATA)), "{value}");
        }
    }
}
