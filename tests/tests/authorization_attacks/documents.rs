//! Attacks with the documents of clients, and with what makes the server fetch something.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use mcp_auth::{Fetch, FetchError, FetchPolicy, GuardedFetcher};
use mcp_testkit::{Document, DocumentHost};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person};
use serde_json::{Value, json};

use crate::bench::{AT_ONCE, assert_recorded, assert_unwritten, at_once, bystander, code, page, site_with};

/// The network, on which every host below `example` is one on this machine, and which says what it was asked.
#[derive(Clone)]
struct Network {
    host: Arc<DocumentHost>,
    asked: Arc<Mutex<Vec<String>>>,
    inside: Arc<GuardedFetcher>,
    outside: Arc<GuardedFetcher>,
}

impl Network {
    async fn new() -> Self {
        let quick = FetchPolicy { timeout: Duration::from_millis(300), max_body_bytes: 64 * 1_024, ..FetchPolicy::default() };
        let fetcher = |policy| Arc::new(GuardedFetcher::new(policy).expect("a fetcher"));
        let inside = fetcher(FetchPolicy { allow_loopback_http: true, ..quick.clone() });
        Self { host: Arc::new(DocumentHost::open().await), asked: Arc::default(), inside, outside: fetcher(quick) }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Fetch for Network {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = url::Url::parse(&request.uri().to_string()).expect("a URL");
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(url.to_string());
        if !url.domain().is_some_and(|name| name.ends_with(".example")) {
            return self.outside.fetch(request).await;
        }
        let mut inside = request;
        *inside.uri_mut() = self.host.url(url.path()).parse().expect("a URL");
        self.inside.fetch(inside).await
    }
}

async fn site_on(network: &Network) -> Authorized {
    let fetcher = Arc::new(network.clone());
    site_with(|builder| builder.fetcher(fetcher)).await
}

fn document(id: &str, uris: &[&str]) -> Value {
    json!({"client_id": id, "client_name": "App", "redirect_uris": uris, "token_endpoint_auth_method": "none"})
}

fn client(id: &str) -> Client {
    Client { id: id.to_owned(), secret: None, redirect_uri: HOSTED_CALLBACK.to_owned() }
}

/// Asks on behalf of a client that cannot be known; nobody is led anywhere.
async fn check_unknown(site: &Authorized, id: &str) {
    let answer = site.get(&client(id).flow(site, "mcp:read").path()).await;
    assert!(matches!(answer.status, 400 | 503), "{id}: {answer:?}");
    assert_eq!(answer.header("location"), None, "{id}: {answer:?}");
}

#[tokio::test]
async fn attack_clients_no_document_is_fetched_from_inside() {
    let network = Network::new().await;
    let site = site_on(&network).await;
    let local: SocketAddr = network.host.url("").trim_start_matches("http://").parse().expect("an address");
    let port = local.port();
    network.host.serve("/x", Document::json(&document("https://localhost/x", &[HOSTED_CALLBACK])));
    for id in [
        "https://169.254.169.254/x".to_owned(),
        "https://localhost/x".to_owned(),
        format!("https://localhost:{port}/x"),
        format!("http://127.0.0.1:{port}/x"),
        format!("http://localhost:{port}/x"),
        format!("https://127.0.0.1:{port}/x"),
        format!("https://[::1]:{port}/x"),
        "https://2130706433/x".to_owned(),
        "https://0x7f.1/x".to_owned(),
        "https://127.1/x".to_owned(),
        "https://[::ffff:127.0.0.1]/x".to_owned(),
        "https://[2002:7f00:1::]/x".to_owned(),
        "https://[64:ff9b::7f00:1]/x".to_owned(),
        "https://[2001:0:7f00:1::]/x".to_owned(),
        "https://[fd00::1]/x".to_owned(),
        "https://[fe80::1]/x".to_owned(),
        "https://10.0.0.1/x".to_owned(),
        "https://0.0.0.0/x".to_owned(),
        "https://intranet/x".to_owned(),
        "https://app.example:22/x".to_owned(),
        "https://user:password@app.example/x".to_owned(),
        "https://app.example/a/../x".to_owned(),
        "https://app.example/%2e%2e/x".to_owned(),
        "https://app.example/x#y".to_owned(),
        "https://app.example".to_owned(),
        "https://app.example/".to_owned(),
        "https://APP.example/x".to_owned(),
        "https://app.example:443/x".to_owned(),
        "http://app.example/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://app.example/x".to_owned(),
    ] {
        check_unknown(&site, &id).await;
    }
    assert_eq!(network.asked(), [] as [&str; 0], "nobody was asked");
    assert_eq!(network.host.asked().len(), 0);
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_a_redirect_leads_no_fetch_anywhere() {
    let network = Network::new().await;
    let site = site_on(&network).await;
    let id = "https://app.example/client";
    network.host.serve("/private", Document::json(&document(id, &[HOSTED_CALLBACK])));
    for (status, to) in [(301, network.host.url("/private")), (302, "/private".to_owned()), (307, "https://169.254.169.254/x".to_owned())] {
        network.host.serve("/client", Document::redirect(status, &to));
        check_unknown(&site, id).await;
        site.clock.advance(Duration::from_secs(61));
    }
    assert_eq!((network.host.hits("/private"), network.host.hits("/client")), (0, 3));
    assert!(network.asked().iter().all(|url| url == id), "{:?}", network.asked());
    assert_recorded(&site, "oauth/authorize", "temporarily_unavailable");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_a_document_that_is_not_the_clients_is_none() {
    let network = Network::new().await;
    let site = site_on(&network).await;
    let id = "https://app.example/client";
    let with = |changes: Value| {
        let mut document = document(id, &[HOSTED_CALLBACK]);
        for (name, value) in changes.as_object().expect("changes are an object") {
            document[name] = value.clone();
        }
        Document::json(&document)
    };
    let good = document(id, &[HOSTED_CALLBACK]);
    for (what, served) in [
        ("another id", with(json!({"client_id": "https://evil.example/client"}))),
        ("a slash more", with(json!({"client_id": "https://app.example/client/"}))),
        ("another case", with(json!({"client_id": "https://app.example/Client"}))),
        ("a secret", with(json!({"client_secret": "shared"}))),
        ("a symmetric method", with(json!({"token_endpoint_auth_method": "client_secret_basic"}))),
        (
            "a private key",
            with(
                json!({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d"}]}, "token_endpoint_auth_method": "private_key_jwt"}),
            ),
        ),
        ("no name", with(json!({"client_name": null}))),
        ("no redirect", with(json!({"redirect_uris": []}))),
        ("a dangerous redirect", with(json!({"redirect_uris": [HOSTED_CALLBACK, "javascript:alert(1)"]}))),
        ("no object", Document::new("application/json", "[]")),
        ("another type", Document::new("text/html", good.to_string())),
        ("too much", with(json!({"x": "x".repeat(70_000)}))),
        ("another status", Document::json(&good).status(201)),
        ("nothing", Document::json(&good).status(404)),
        ("a part of it", Document::json(&good).stalling_after(10)),
        ("too late", Document::json(&good).delayed(Duration::from_secs(2))),
    ] {
        network.host.serve("/client", served);
        let answer = site.get(&client(id).flow(&site, "mcp:read").path()).await;
        assert!(matches!(answer.status, 400 | 503) && answer.header("location").is_none(), "{what}: {answer:?}");
        site.clock.advance(Duration::from_secs(61));
    }
    network.host.serve("/client", Document::json(&good));
    assert_eq!(site.get(&client(id).flow(&site, "mcp:read").path()).await.status, 303, "what failed is not kept");
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_a_document_that_changes_is_asked_about_again() {
    let network = Network::new().await;
    let site = site_on(&network).await;
    let ann = Person::new(&site, "ann");
    let (id, evil) = ("https://app.example/client", "https://evil.example/callback");
    let serve = |uris: &[&str]| network.host.serve("/client", Document::json(&document(id, uris)).header("Cache-Control", "max-age=60"));
    serve(&[HOSTED_CALLBACK]);
    let app = client(id);
    let first = code(&site, &app, &ann, "mcp:read").await;
    serve(&[evil, HOSTED_CALLBACK]);
    let elsewhere = app.flow(&site, "mcp:read").with("redirect_uri", evil);
    let early = site.get(&elsewhere.path()).await;
    assert_eq!((early.status, early.header("location")), (400, None), "{early:?}");
    site.clock.advance(Duration::from_secs(61));
    let asked = page(ann.open(&site, &elsewhere).await);
    assert!(asked.title().starts_with("Allow ") && asked.text().contains("evil.example"), "{}", asked.text());
    let same = page(ann.open(&site, &app.flow(&site, "mcp:read")).await);
    assert!(same.title().starts_with("Allow "), "it is not what Ann said yes to: {}", same.text());
    // What the document does not say any more is over.
    serve(&[evil]);
    site.clock.advance(Duration::from_secs(61));
    let gone = site.get(&app.flow(&site, "mcp:read").path()).await;
    assert_eq!((gone.status, gone.header("location")), (400, None), "{gone:?}");
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_clients_the_server_is_no_amplifier() {
    let network = Network::new().await;
    let site = site_on(&network).await;
    let (id, missing) = ("https://app.example/client", "https://app.example/missing");
    network.host.serve("/client", Document::json(&document(id, &[HOSTED_CALLBACK])).delayed(Duration::from_millis(50)));
    for (id, status) in [(id, 303), (missing, 400)] {
        let (address, path) = (site.address, client(id).flow(&site, "mcp:read").path());
        let statuses = at_once(AT_ONCE, |_| {
            let path = path.clone();
            async move {
                let request = mcp_testkit::http::Request { address, method: "GET", path, headers: Vec::new(), body: Bytes::new() };
                mcp_tests::protected::Answer::of(request).await.status
            }
        })
        .await;
        assert!(statuses.iter().all(|found| *found == status), "{id}: {statuses:?}");
    }
    assert_eq!((network.host.hits("/client"), network.host.hits("/missing")), (1, 1));
    // Any number of paths, or of hosts below one domain, comes to an end.
    for number in 0..320 {
        check_unknown(&site, &format!("https://victim.example/{number}")).await;
    }
    let asked = network.asked().iter().filter(|url| url.starts_with("https://victim.example/")).count();
    assert!(asked <= 300, "{asked} requests to one host");
    assert_recorded(&site, "oauth/authorize", "client or redirect");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_keys_are_fetched_with_the_same_care() {
    let network = Network::new().await;
    let site = site_on(&network).await;
    let port = network.host.url("").rsplit_once(':').expect("a port").1.to_owned();
    network.host.serve("/keys", Document::json(&json!({"keys": []})));
    let signer = mcp_tests::protected::Signer::new("one");
    for uri in [
        "https://169.254.169.254/keys".to_owned(),
        "https://10.0.0.1/keys".to_owned(),
        format!("http://127.0.0.1:{port}/keys"),
        format!("https://localhost:{port}/keys"),
        "file:///etc/passwd".to_owned(),
    ] {
        let metadata = json!({
            "client_name": "Service", "redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri,
        });
        let answer = site.register(&metadata).await;
        let Some(id) = answer.json()["client_id"].as_str().map(str::to_owned) else {
            assert_eq!(answer.status, 400, "{uri}: {answer:?}");
            continue;
        };
        let now = site.clock.unix_seconds();
        let claims = json!({"iss": id, "sub": id, "aud": site.url, "iat": now, "exp": now + 60, "jti": uri});
        let assertion = signer.sign(&json!({"alg": "ES256", "kid": "one"}), &claims);
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        let answer = site.post("/token", &fields).await;
        assert!(matches!(answer.status, 401 | 503), "{uri}: {answer:?}");
    }
    assert_eq!(network.host.hits("/keys"), 0);
    let bad = json!({
        "client_name": "Service", "redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": "javascript:alert(1)",
    });
    assert_eq!(site.register(&bad).await.status, 400);
    assert_recorded(&site, "oauth/register", "invalid_client_metadata");
    assert_unwritten(&site, &[&bystander(&site).await]);
}
