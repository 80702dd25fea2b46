//! Challenges are one line of ASCII, whatever goes into them.

use async_trait::async_trait;
use mcp_auth::{AuthError, Authenticate, Credentials, Principal, ScopeSet};
use mcp_core::Revision;
use mcp_parity::http::{HttpConfig, HttpService};
use mcp_parity::{NoArguments, Registry, Tool, ToolError};
use mcp_tests::client::call;
use mcp_tests::protected::{Answer, Issuer, Site, behind};
use serde_json::json;

const ODD: [&str; 7] = ["a\"b", "a\\b", "c\r\nX-Evil: 1", "d e", "", "ü", "\u{0}"];

/// Takes everybody for somebody with odd scopes, or refuses with an odd reason.
struct Odd;

#[async_trait]
impl Authenticate for Odd {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        match credentials.bearer()? {
            None => Err(AuthError::Missing),
            Some(token) if token.expose() == "bad" => Err(AuthError::invalid("a \"reason\"\r\nX-Evil: 1")),
            Some(_) => Ok(Principal::new("a\"\r\nX-Evil: 1").with_scopes(ODD.into_iter().chain(["held"]).collect::<ScopeSet>())),
        }
    }

    fn issuers(&self) -> Vec<String> {
        vec!["https://issuer.example/\"\r\nX-Evil: 1".to_owned()]
    }
}

/// Nothing broke out of its header.
fn check(answer: &Answer, what: &str) {
    for (name, value) in answer.headers() {
        assert!(!name.eq_ignore_ascii_case("x-evil"), "{what}: {answer:?}");
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{what}: {name}: {value:?}");
    }
    let Some(challenge) = answer.header("www-authenticate") else { return };
    let parameters = challenge.strip_prefix("Bearer").unwrap_or_else(|| panic!("{what}: {challenge}")).trim_start();
    for parameter in parameters.split(", ").filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or_else(|| panic!("{what}: {challenge}"));
        let known = ["error", "error_description", "resource_metadata", "scope"].contains(&name);
        let inside = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        assert!(known && inside.is_some_and(|inside| !inside.contains(['"', '\\'])), "{what}: {challenge}");
    }
}

#[test]
fn rs_30_items_ask_for_scopes_that_are_some() {
    let ask_for = |scope: &'static str| {
        let tool = Tool::new("odd", |_, _: NoArguments| async { Ok::<_, ToolError>("done".to_owned()) });
        Registry::new().add_tool(tool.with_scope(scope))
    };
    assert!(ask_for("mcp:read").is_ok());
    for scope in ODD {
        assert!(ask_for(scope).is_err(), "{scope:?}");
    }
}

#[tokio::test]
async fn rs_30_scopes_that_are_none_are_left_out() {
    let baseline = ODD.into_iter().chain(["mcp:read"]).map(str::to_owned).collect();
    let site = Site::with(HttpConfig { baseline_scopes: Some(baseline), ..behind(Odd) }).await;
    let request = |token| site.request(token, &call(Revision::LATEST, 1, "executes", "{}"));

    let missing = Answer::of(request(None)).await;
    check(&missing, "no token");
    assert_eq!((missing.status, missing.challenged("scope")), (401, Some("mcp:read")));
    let invalid = Answer::of(request(Some("bad"))).await;
    check(&invalid, "a refusal");
    assert_eq!((invalid.status, invalid.challenged("error"), invalid.challenged("error_description")), (401, Some("invalid_token"), None));
    let mut metadata = request(None);
    (metadata.method, metadata.path) = ("GET", "/.well-known/oauth-protected-resource/mcp".to_owned());
    let metadata = Answer::of(metadata).await;
    check(&metadata, "the metadata");
    assert_eq!(metadata.json()["scopes_supported"], json!(["mcp:read"]));

    let lacking = site.call_everywhere("any", "executes").await;
    check(&lacking, "held scopes");
    assert_eq!((lacking.status, lacking.challenged("scope")), (403, Some("held mcp:execute")), "{lacking:?}");
}

#[tokio::test]
async fn rs_30_urls_that_are_none_are_refused_at_the_start() {
    let dispatcher = || mcp_tests::protected::server().into_dispatcher().expect("the server is sound");
    for url in [
        "https://mcp.example.com/a\"b",
        "https://mcp.example.com\r\nX-Evil: 1",
        "https://mcp.example.com/\r\nX-Evil: 1",
        "https://mcp.example.com/ü",
        "https://mcp.example.com/a b",
        "https://mcp.example.com/a\\b",
        "https://mcp.example.com/<b>",
        "https://mcp.example.com?a=\"",
        "https://mcp.example.com#a",
        "https://user@mcp.example.com",
        "javascript://mcp.example.com",
        "mcp.example.com",
        "",
    ] {
        let config = HttpConfig { public_url: Some(url.to_owned()), ..behind(Issuer::default().verifier()) };
        assert!(HttpService::new(dispatcher(), config).is_err(), "{url:?}");
    }
    for path in ["/a\"b", "/a\r\nX-Evil: 1", "/ü", "/a\\b", "/a b", "mcp", "/mcp?a", ""] {
        let config = HttpConfig { path: path.to_owned(), ..behind(Issuer::default().verifier()) };
        assert!(HttpService::new(dispatcher(), config).is_err(), "{path:?}");
    }
    let without_url = HttpConfig { public_url: None, ..behind(Issuer::default().verifier()) };
    assert!(HttpService::new(dispatcher(), without_url).is_err(), "what tokens are for is never taken from `Host`");
}

#[tokio::test]
async fn rs_30_what_clients_send_is_in_no_challenge() {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    let evil = "\\\"\\r\\nX-Evil: 1\\r\\n\\r\\n";
    let frame = call(Revision::LATEST, 1, "executes", &format!("{{\"{evil}\":\"{evil}\"}}"));
    let token = issuer.token(json!({"scope": "a\"b c\r\nX-Evil: 1 held", "sub": "a\"\r\nX-Evil: 1", "client_id": "\r\nX-Evil: 1"}));
    for (what, token) in [("no token", None), ("a quoted token", Some("\"x\", error=\"none\"")), ("a signed one", Some(&*token))] {
        for path in ["/mcp", "/mcp?x=%0d%0aX-Evil:%201", "/mcp/tool/%0d%0aX-Evil:%201", "/%0d%0aX-Evil:%201", "/mcp/tool/a\"b"] {
            for origin in [None, Some("https://mcp.example.com")] {
                let mut request = site.request(token, &frame);
                request.path = path.to_owned();
                request.headers.extend(origin.map(|origin| ("Origin".to_owned(), origin.to_owned())));
                let answer = Answer::of(request).await;
                check(&answer, &format!("{what} at {path}"));
                assert!(answer.status >= 400, "{what} at {path}: {answer:?}");
                assert!(!answer.headers().any(|(_, value)| value.to_ascii_lowercase().contains("evil")), "{what} at {path}: {answer:?}");
            }
        }
    }
}
