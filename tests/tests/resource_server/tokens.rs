//! What a JWT has to say.

use mcp_auth::{JwtIssuer, JwtVerifier};
use mcp_core::Revision;
use mcp_testkit::http::Request;
use mcp_tests::client::call;
use mcp_tests::protected::{Answer, ISSUER, Issuer, PUBLIC, RESOURCE, Site, claims, claims_with, now};
use serde_json::{Value, json};

/// Calls with the claims of a good token and these changes.
async fn check(site: &Site, issuer: &Issuer, changes: Value, accepted: bool) {
    let answer = site.call_everywhere(&issuer.token(changes.clone()), "whoami").await;
    assert_eq!(answer.status, if accepted { 200 } else { 401 }, "{changes}: {answer:?}");
    if !accepted {
        assert_eq!(answer.challenged("error"), Some("invalid_token"), "{changes}");
    }
}

async fn start() -> (Issuer, Site) {
    let issuer = Issuer::default();
    let site = Site::start(issuer.verifier()).await;
    check(&site, &issuer, json!({}), true).await;
    (issuer, site)
}

#[tokio::test]
async fn rs_07_a_token_for_others_is_refused() {
    let (issuer, site) = start().await;
    for audience in [
        json!("https://other.example/mcp"),
        json!(ISSUER),
        json!("app"),
        json!("https://mcp.example.com/mcp-other"),
        json!("https://mcp.example.com/mcp/other"),
        json!("https://mcp.example.com/mc"),
        json!("https://mcp.example.com"),
        json!("https://mcp.example.com.evil.example/mcp"),
        json!("https://mcp.example.com./mcp"),
        json!("https://user@mcp.example.com/mcp"),
        json!(["https://other.example/mcp", ISSUER]),
        json!([]),
        json!(""),
        json!({"0": RESOURCE}),
        json!([RESOURCE, 1]),
        Value::Null,
    ] {
        check(&site, &issuer, json!({ "aud": audience }), false).await;
    }
}

#[tokio::test]
async fn rs_08_spellings_of_our_own_url_are_ours() {
    let (issuer, site) = start().await;
    for (audience, ours) in [
        (json!(RESOURCE), true),
        (json!([RESOURCE]), true),
        (json!(["https://other.example/mcp", RESOURCE]), true),
        (json!("https://mcp.example.com/mcp/"), true),
        (json!("HTTPS://MCP.Example.COM/mcp"), true),
        (json!("https://mcp.example.com:443/mcp"), true),
        (json!("https://mcp.example.com:8443/mcp"), false),
        (json!("https://mcp.example.com/MCP"), false),
        (json!("https://mcp.example.com/mcp//"), false),
        (json!("https://mcp.example.com/%6dcp"), false),
        (json!("https://mcp.example.com/mcp?a=b"), false),
        (json!("http://mcp.example.com/mcp"), false),
    ] {
        check(&site, &issuer, json!({ "aud": audience }), ours).await;
    }
}

/// To clients HTTP+SSE is a resource of its own, and to issuers that know the endpoint alone it is not.
#[tokio::test]
async fn rs_08_what_is_for_the_endpoint_is_good_over_the_old_transport_and_not_the_other_way_round() {
    let (issuer, site) = start().await;
    for (path, audience, taken) in [
        ("/mcp", "/mcp", true),
        ("/mcp", "/sse", false),
        ("/sse/messages", "/sse", true),
        ("/sse/messages", "/mcp", true),
        ("/sse/messages", "/v1/sse", false),
        ("/sse/messages", "/sse/messages", false),
        ("/sse/messages", "/mcp-other", false),
        ("/v1/sse/messages", "/v1/sse", true),
        ("/v1/sse/messages", "/sse", false),
        ("/mcp", "/v1/sse", false),
    ] {
        let token = issuer.token(json!({ "aud": format!("{PUBLIC}{audience}") }));
        let request = site.request(Some(&token), &call(Revision::LATEST, 1, "whoami", "{}"));
        let answer = Answer::of(Request { path: path.to_owned(), ..request }).await;
        // Over HTTP+SSE there is no stream to answer on.
        let expected = if !taken {
            401
        } else if path == "/mcp" {
            200
        } else {
            404
        };
        assert_eq!(answer.status, expected, "{path} {audience}: {answer:?}");
    }
    for (audience, path) in [("/v1/sse", "/sse"), ("/other", "/sse"), ("/sse", "/v1/sse")] {
        let token = issuer.token(json!({ "aud": format!("{PUBLIC}{audience}") }));
        let request = site.request(Some(&token), "{}");
        let answer = Answer::of(Request { method: "GET", path: path.to_owned(), ..request }).await;
        assert_eq!(answer.status, 401, "{path} {audience}: {answer:?}");
    }
}

#[tokio::test]
async fn rs_09_the_issuer_is_compared_exactly() {
    let (issuer, site) = start().await;
    for other in [
        json!("https://issuer.example/"),
        json!("https://Issuer.example"),
        json!("https://issuer.example:443"),
        json!("http://issuer.example"),
        json!("https://issuer.example.evil.example"),
        json!([ISSUER]),
        Value::Null,
    ] {
        check(&site, &issuer, json!({ "iss": other }), false).await;
    }
    // Two issuers are trusted: the key of one signs nothing for the other.
    let second = Issuer::default();
    let keys = "https://second.example/keys";
    issuer.web.put(keys, &json!({"keys": [second.signer.jwk()]}));
    let trusted = JwtIssuer::new("https://second.example").expect("a URL").jwks_uri(keys);
    let both = Site::start(issuer.verifier().issuer(trusted)).await;
    let of_second = json!({"iss": "https://second.example"});
    check(&both, &issuer, json!({}), true).await;
    check(&both, &second, of_second.clone(), true).await;
    check(&both, &issuer, of_second, false).await;
    check(&both, &second, json!({}), false).await;
}

#[tokio::test]
async fn rs_10_only_access_tokens_are_taken() {
    let (issuer, site) = start().await;
    let web = issuer.web.clone();
    let relaxed = Site::start(JwtVerifier::new(web).issuer(JwtIssuer::new(ISSUER).expect("a URL").accept_plain_typ())).await;
    for (typ, strictly, at_ease) in [
        (json!("at+jwt"), 200, 200),
        (json!("application/at+jwt"), 200, 200),
        (json!("AT+JWT"), 200, 200),
        (json!("JWT"), 401, 200),
        (Value::Null, 401, 401),
        (json!("dpop+jwt"), 401, 401),
        (json!("logout+jwt"), 401, 401),
    ] {
        let token = issuer.signer.sign(&json!({"alg": "ES256", "kid": "one", "typ": typ}), &claims());
        assert_eq!(site.call_everywhere(&token, "whoami").await.status, strictly, "{typ}");
        assert_eq!(relaxed.call_everywhere(&token, "whoami").await.status, at_ease, "{typ}, relaxed");
    }
    let untyped = issuer.signer.sign(&json!({"alg": "ES256", "kid": "one"}), &claims());
    assert_eq!(site.call_everywhere(&untyped, "whoami").await.status, 401);
    assert_eq!(relaxed.call_everywhere(&untyped, "whoami").await.status, 200);
    for mark in
        [json!({"at_hash": "x"}), json!({"typ": "ID"}), json!({"typ": "Refresh"}), json!({"token_use": "id"}), json!({"events": {}})]
    {
        let token = issuer.signer.sign(&json!({"alg": "ES256", "kid": "one", "typ": "JWT"}), &claims_with(mark.clone()));
        assert_eq!(relaxed.call_everywhere(&token, "whoami").await.status, 401, "{mark}: it looks like another token");
    }
}

#[tokio::test]
async fn rs_11_a_token_has_its_time() {
    let (issuer, site) = start().await;
    let now = now();
    // What is close to a bound is far enough from it for a slow machine.
    for (changes, accepted) in [
        (json!({"exp": null}), false),
        (json!({"exp": now - 1}), true),
        (json!({"exp": now - 61}), false),
        (json!({"exp": now - 3_600}), false),
        (json!({"exp": (now + 600).to_string()}), false),
        (json!({"exp": u64::MAX}), false),
        (json!({"exp": 1e300}), false),
        (json!({"exp": -1}), false),
        (json!({"exp": now as f64 + 600.0}), true),
        (json!({"nbf": now}), true),
        (json!({"nbf": now + 600}), false),
        (json!({"nbf": "now"}), false),
        (json!({"iat": now + 3_600}), false),
        (json!({"iat": null}), true),
    ] {
        check(&site, &issuer, changes, accepted).await;
    }
    let trusted = JwtIssuer::new(ISSUER).expect("a URL").leeway(std::time::Duration::from_secs(3_600));
    let patient = Site::start(JwtVerifier::new(issuer.web.clone()).issuer(trusted)).await;
    check(&patient, &issuer, json!({"exp": now - 120}), false).await;
}

#[tokio::test]
async fn rs_28_a_token_bound_to_a_key_is_no_bearer_token() {
    let (issuer, site) = start().await;
    for confirmation in [json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}), json!({"x5t#S256": "x"}), json!({}), json!("x")] {
        check(&site, &issuer, json!({ "cnf": confirmation }), false).await;
    }
}
