//! What the server publishes about itself (RFC 9728).

use mcp_auth::ApiKeys;
use mcp_parity::http::{HttpConfig, HttpService};
use mcp_testkit::http::Request;
use mcp_tests::protected::{Answer, BASELINE, ISSUER, Issuer, PUBLIC, RESOURCE, Site, behind, listen, server};
use serde_json::json;
use std::net::SocketAddr;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

async fn get(address: SocketAddr, path: &str) -> Answer {
    let (path, headers, body) = (path.to_owned(), Vec::new(), bytes::Bytes::new());
    Answer::of(Request { address, method: "GET", path, headers, body }).await
}

#[tokio::test]
async fn rs_13_the_metadata_is_where_the_challenge_says() {
    let site = Site::start(Issuer::default().verifier()).await;
    let challenge = site.call(None, "whoami").await;
    let url = challenge.challenged("resource_metadata").expect("a URL");
    let answer = get(site.address, url.strip_prefix(PUBLIC).expect("our own URL")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let expected = json!({
        "resource": RESOURCE,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
        "resource_name": "protected",
        "scopes_supported": BASELINE.split(' ').collect::<Vec<_>>(),
    });
    assert_eq!(answer.json(), expected);
    // It needs no token, has no other methods, and is there for `HEAD` too.
    let request = |method| Request {
        address: site.address,
        method,
        path: format!("{WELL_KNOWN}/mcp"),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
    };
    assert_eq!(Answer::of(request("HEAD")).await.status, 200);
    let mut of_any_page = request("GET");
    of_any_page.headers.push(("Origin".to_owned(), "https://inspector.example".to_owned()));
    let read = Answer::of(of_any_page).await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, Some("*")));
    let posted = Answer::of(request("POST")).await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    // With a slash at the end it is the same resource.
    assert_eq!(get(site.address, &format!("{WELL_KNOWN}/mcp/")).await.json(), expected);
}

#[tokio::test]
async fn rs_13_the_old_transport_has_metadata_of_its_own() {
    let site = Site::start(Issuer::default().verifier()).await;
    for (asked, path) in [("/sse", "/sse"), ("/sse/", "/sse"), ("/v1/sse", "/v1/sse"), ("/mcp", "/mcp"), ("", "/mcp")] {
        let document = get(site.address, &format!("{WELL_KNOWN}{asked}")).await.json();
        assert_eq!(document["resource"], format!("{PUBLIC}{path}"), "{asked}");
        assert_eq!(document["authorization_servers"], json!([ISSUER]), "{asked}");
    }
    assert_eq!(get(site.address, &format!("{WELL_KNOWN}/sse/messages")).await.status, 404);
    let without = Site::with(HttpConfig { sse_paths: Vec::new(), ..behind(Issuer::default().verifier()) }).await;
    assert_eq!(get(without.address, &format!("{WELL_KNOWN}/sse")).await.status, 404);
}

/// A proxy that serves the server below a path of its own may or may not take that path off.
#[tokio::test]
async fn rs_13_below_a_path_the_well_known_place_comes_first() {
    let config = HttpConfig { public_url: Some(format!("{PUBLIC}/base")), ..behind(Issuer::default().verifier()) };
    let site = Site::with(config).await;
    let challenge = site.call(None, "whoami").await;
    assert_eq!(challenge.challenged("resource_metadata"), Some(format!("{PUBLIC}{WELL_KNOWN}/base/mcp").as_str()));
    for (path, resource) in [("/base/mcp", "/base/mcp"), ("/mcp", "/base/mcp"), ("/base/sse", "/base/sse"), ("/sse", "/base/sse")] {
        let answer = get(site.address, &format!("{WELL_KNOWN}{path}")).await;
        assert_eq!(answer.json()["resource"], json!(format!("{PUBLIC}{resource}")), "{path}");
    }
    assert_eq!(get(site.address, &format!("{WELL_KNOWN}/other/mcp")).await.status, 404);
}

#[tokio::test]
async fn rs_13_the_scopes_are_minimal() {
    let verifier = Issuer::default().verifier();
    let config = HttpConfig { baseline_scopes: Some(vec!["mcp:read".to_owned()]), ..behind(verifier) };
    let site = Site::with(config).await;
    assert_eq!(get(site.address, &format!("{WELL_KNOWN}/mcp")).await.json()["scopes_supported"], json!(["mcp:read"]));
    assert_eq!(site.call(None, "whoami").await.challenged("scope"), Some("mcp:read"));
    // What only admins see asks for a scope that is not told to everybody.
    assert!(!BASELINE.contains("mcp:admin"));
    let none = Site::with(HttpConfig { baseline_scopes: Some(Vec::new()), ..behind(Issuer::default().verifier()) }).await;
    assert!(get(none.address, &format!("{WELL_KNOWN}/mcp")).await.json().get("scopes_supported").is_none());
    assert_eq!(none.call(None, "whoami").await.challenged("scope"), None);
}

#[tokio::test]
async fn rs_13_without_an_issuer_there_is_no_metadata() {
    let site = Site::start(ApiKeys::new("mcpk")).await;
    for path in [WELL_KNOWN.to_owned(), format!("{WELL_KNOWN}/mcp")] {
        let answer = get(site.address, &path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/json")), "{path}");
    }
}

/// An endpoint at `path`, behind an issuer or not.
fn endpoint(path: &str, with_issuer: bool) -> HttpService {
    let mut config = if with_issuer { behind(Issuer::default().verifier()) } else { behind(ApiKeys::new("mcpk")) };
    (config.path, config.sse_paths) = (path.to_owned(), Vec::new());
    HttpService::new(server().into_dispatcher().expect("the server is sound"), config).expect("the configuration is usable")
}

#[tokio::test]
async fn rs_14_the_root_is_the_only_resource_or_its_own() {
    let (a, b, root) = ("https://mcp.example.com/a", "https://mcp.example.com/b", "https://mcp.example.com");
    type Case = (&'static [(&'static str, bool)], &'static str, Option<&'static str>);
    let cases: [Case; 9] = [
        (&[("/a", true)], "", Some(a)),
        (&[("/a", true)], "/a", Some(a)),
        (&[("/", true)], "", Some(root)),
        (&[("/a", true), ("/b", false)], "", Some(a)),
        (&[("/b", false), ("/a", true)], "", Some(a)),
        (&[("/a", true), ("/b", true)], "", None),
        (&[("/a", true), ("/b", true)], "/b", Some(b)),
        (&[("/a", true), ("/", true)], "", Some(root)),
        (&[("/a", true), ("/", true)], "/a", Some(a)),
    ];
    for (endpoints, suffix, resource) in cases {
        let mut services = endpoints.iter().map(|(path, with_issuer)| endpoint(path, *with_issuer));
        let first = services.next().expect("an endpoint");
        let all = services.fold(first, |all, other| all.and(other).expect("the paths differ"));
        let answer = get(listen(all).await, &format!("{WELL_KNOWN}{suffix}")).await;
        match resource {
            Some(resource) => assert_eq!(answer.json()["resource"], resource, "{endpoints:?} {suffix}"),
            None => assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/json")), "{endpoints:?}"),
        }
    }
}

#[tokio::test]
async fn rs_14_other_well_known_paths_are_json_404s() {
    let site = Site::start(Issuer::default().verifier()).await;
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resource/other",
        "/.well-known/oauth-protected-resource/mcp/tools",
        "/.well-known/oauth-protected-resources",
    ] {
        let request = Request {
            address: site.address,
            method: "GET",
            path: path.to_owned(),
            headers: vec![("Origin".to_owned(), "http://localhost:6274".to_owned())],
            body: bytes::Bytes::new(),
        };
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/json")), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:6274"), "{path}");
    }
}

#[tokio::test]
async fn rs_15_offline_access_is_never_asked_for() {
    let issuer = Issuer::default();
    let baseline = ["mcp:read", "offline_access"].map(str::to_owned).to_vec();
    let site = Site::with(HttpConfig { baseline_scopes: Some(baseline), ..behind(issuer.verifier()) }).await;
    assert!(!get(site.address, &format!("{WELL_KNOWN}/mcp")).await.body.contains("offline_access"));
    assert_eq!(site.call(None, "whoami").await.challenged("scope"), Some("mcp:read"));
    // Clients that asked for it hold it, and a challenge names what is held.
    let token = issuer.token(json!({"scope": "offline_access mcp:read openid"}));
    let answer = site.call_everywhere(&token, "executes").await;
    assert_eq!((answer.status, answer.challenged("scope")), (403, Some("mcp:execute mcp:read openid")), "{answer:?}");
}
