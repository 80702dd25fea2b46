//! Issuers that are asked about tokens: what they say, and when they say nothing.

use std::time::Duration;

use http::{StatusCode, Uri};
use mcp_auth::{ClientAuth, Introspection, ScopeSet, Settings, Userinfo};
use mcp_tests::protected::{ISSUER, Issuer, RESOURCE, Site, Web, claims_with, now};
use serde_json::{Value, json};

use super::cache::Time;

const ENDPOINT: &str = "https://issuer.example/introspect";

/// A verifier that asks `web`.
pub(crate) fn introspection(web: &std::sync::Arc<Web>) -> Introspection {
    Introspection::new(web.clone(), Uri::from_static(ENDPOINT), ClientAuth::basic("mcp", "hush")).issuer(ISSUER)
}

/// Has the endpoint say of every token that it is a good one, with changes.
pub(crate) fn say(web: &Web, changes: Value) {
    let mut answer = claims_with(changes);
    if answer.get("active").is_none() {
        answer["active"] = true.into();
    }
    web.put(ENDPOINT, &answer);
}

#[tokio::test]
async fn rs_22_only_active_bearer_tokens_for_us_are_taken() {
    let web = std::sync::Arc::new(Web::default());
    let site = Site::start(introspection(&web)).await;
    for (changes, accepted) in [
        (json!({}), true),
        (json!({"token_type": "Bearer"}), true),
        (json!({"token_type": "bearer"}), true),
        (json!({"iss": null}), true),
        (json!({"aud": ["https://other.example", RESOURCE]}), true),
        (json!({"active": false}), false),
        (json!({"aud": null}), false),
        (json!({"aud": "https://other.example/mcp"}), false),
        (json!({"aud": "https://mcp.example.com/mcp-other"}), false),
        (json!({"aud": []}), false),
        (json!({"iss": "https://issuer.example/"}), false),
        (json!({"iss": "https://other.example"}), false),
        (json!({"iss": 1}), false),
        (json!({"exp": now() - 1}), false),
        (json!({"exp": "soon"}), false),
        (json!({"nbf": now() + 600}), false),
        (json!({"token_type": "DPoP"}), false),
        (json!({"token_type": "mac"}), false),
        (json!({"token_type": 1}), false),
        (json!({"token_use": "refresh_token"}), false),
        (json!({"cnf": {"jkt": "x"}}), false),
        (json!({"sub": null}), false),
    ] {
        say(&web, changes.clone());
        let answer = site.call_everywhere("opaque", "reads").await;
        assert_eq!(answer.status, if accepted { 200 } else { 401 }, "{changes}: {answer:?}");
        if !accepted {
            assert_eq!(answer.challenged("error"), Some("invalid_token"), "{changes}: {answer:?}");
        }
    }
    let asked = web.asked();
    assert!(asked.iter().all(|asked| asked.text.contains("token=opaque") && asked.text.contains("authorization: Basic ")), "{asked:?}");
}

/// The server says that it cannot tell, and sends nobody to sign in.
async fn check_unavailable(site: &Site, token: &str, what: &str) {
    let answer = site.call_everywhere(token, "whoami").await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (503, None), "{what}: {answer:?}");
    let wait: Option<u64> = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
    assert!(wait.is_some_and(|seconds| (1..=60).contains(&seconds)), "{what}: {answer:?}");
    assert!(site.records().iter().any(|line| line.contains(r#""reason":"unavailable""#)), "{what}");
}

#[tokio::test]
async fn rs_23_an_issuer_that_is_down_is_no_refusal() {
    let web = std::sync::Arc::new(Web::default());
    let site = Site::start(introspection(&web)).await;
    web.cut(ENDPOINT);
    check_unavailable(&site, "opaque", "introspection is down").await;
    // 401 and 403 are about this server's own credentials.
    for status in [500, 502, 503, 404, 401, 403, 429, 302] {
        web.fail(ENDPOINT, StatusCode::from_u16(status).expect("a status"));
        check_unavailable(&site, "opaque", &format!("introspection answers {status}")).await;
    }
    for nonsense in [json!("text"), json!([]), json!({}), json!({"active": "yes"})] {
        web.put(ENDPOINT, &nonsense);
        check_unavailable(&site, "opaque", &format!("introspection answers {nonsense}")).await;
    }
    say(&web, json!({}));
    assert_eq!(site.call_everywhere("opaque", "whoami").await.status, 200);
}

#[tokio::test]
async fn rs_23_keys_that_cannot_be_fetched_are_no_refusal() {
    let (discovery, keys) = ("https://issuer.example/.well-known/oauth-authorization-server", "https://issuer.example/keys");
    for broken in [discovery, keys] {
        let issuer = Issuer::default();
        let time = Time::default();
        let site = Site::start(issuer.verifier().clock(time.clock())).await;
        issuer.web.cut(broken);
        let token = issuer.token(json!({}));
        check_unavailable(&site, &token, broken).await;
        // Once they are there again, the next attempt finds them.
        let restored = Issuer { web: issuer.web.clone(), signer: issuer.signer };
        restored.web.put(discovery, &json!({"issuer": ISSUER, "jwks_uri": keys}));
        restored.web.put(keys, &json!({"keys": [restored.signer.jwk()]}));
        check_unavailable(&site, &token, "nothing is asked again at once").await;
        time.pass(Duration::from_secs(31));
        assert_eq!(site.call_everywhere(&token, "whoami").await.status, 200, "{broken}");
        // What was fetched is used while the issuer is away.
        restored.web.cut(keys);
        restored.web.cut(discovery);
        time.pass(Duration::from_secs(11 * 60));
        let later = restored.token(json!({"exp": now() + 3_600}));
        assert_eq!(site.call_everywhere(&later, "whoami").await.status, 200, "{broken}");
        time.pass(Duration::from_secs(25 * 60 * 60));
        let much_later = restored.token(json!({"exp": now() + 200_000}));
        check_unavailable(&site, &much_later, "keys are not used for ever").await;
    }
}

const USERINFO: &str = "[[auth.userinfo]]\nurl = \"https://issuer.example/userinfo\"\nissuer = \"https://issuer.example\"\n";

#[test]
fn rs_25_userinfo_has_to_be_acknowledged() {
    for (audience, accepted) in
        [("", false), ("audience = \"any\"", false), ("audience = \"\"", false), ("audience = \"unverifiable\"", true)]
    {
        let settings = Settings::parse("mcp.toml", &format!("{USERINFO}{audience}"));
        assert_eq!(settings.is_ok(), accepted, "{audience}: {settings:?}");
        if let Err(error) = settings {
            assert!(error.message().contains("audience = \"unverifiable\""), "it says what to write: {error}");
        }
    }
}

#[tokio::test]
async fn rs_25_userinfo_gives_what_the_operator_gave_and_nothing_of_the_token() {
    let endpoint = "https://issuer.example/userinfo";
    let web = std::sync::Arc::new(Web::default());
    let userinfo = Userinfo::new(web.clone(), Uri::from_static(endpoint)).issuer(ISSUER).granting(ScopeSet::parse("mcp:read"));
    let site = Site::start(userinfo.accept_without_audience()).await;
    web.put(endpoint, &json!({"sub": "ann", "scope": "mcp:execute mcp:write", "amr": ["mfa"]}));
    for (tool, status) in [("reads", 200), ("executes", 403), ("confirms", 403)] {
        assert_eq!(site.call_everywhere("opaque", tool).await.status, status, "{tool}");
    }
    web.fail(endpoint, StatusCode::UNAUTHORIZED);
    assert_eq!(site.call_everywhere("opaque", "reads").await.challenged("error"), Some("invalid_token"));
    web.fail(endpoint, StatusCode::BAD_GATEWAY);
    check_unavailable(&site, "opaque", "userinfo is down").await;
}
