//! Tokens that are well signed, and for something else or another time.

use serde_json::{Value, json};

use super::bench::{Bench, RESOURCE};

#[tokio::test]
async fn attack_tokens_times() {
    const EXPIRED: &str = "the token has expired";
    const MALFORMED: &str = "a claim of the token is malformed";
    let (bench, hand) = Bench::jwt().await;
    let now = hand.now();
    let token = |name: &str, value: Option<Value>| {
        let mut claims = bench.issuer.claims("ann", RESOURCE);
        claims["iat"] = now.into();
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().and_then(|claims| claims.remove(name))),
        }
        bench.issuer.token(&claims)
    };
    for (name, value) in [("exp", json!(now - 10)), ("nbf", json!(now + 20)), ("iat", json!(now + 50)), ("exp", json!((now + 60) as f64))] {
        bench.taken(name, &token(name, Some(value))).await;
    }
    for (name, value, reason) in [
        ("exp", json!(now - 30), EXPIRED),
        ("exp", json!(0), EXPIRED),
        ("exp", json!(now.to_string()), MALFORMED),
        ("exp", json!(now as f64 + 0.5), MALFORMED),
        ("exp", json!(1e300), MALFORMED),
        ("exp", json!(u64::MAX), MALFORMED),
        ("exp", json!(i64::MIN), MALFORMED),
        ("exp", json!(null), MALFORMED),
        ("exp", json!([now]), MALFORMED),
        ("nbf", json!(now + 31), "the token is not valid yet"),
        ("nbf", json!("tomorrow"), MALFORMED),
        ("iat", json!(now + 61), "the token was issued in the future"),
        ("iat", json!(u64::MAX), MALFORMED),
    ] {
        bench.refused(&format!("{name} {value}"), &token(name, Some(value)), reason).await;
    }
    bench.refused("for ever", &token("exp", None), "the token does not expire").await;
    bench.end();
}

#[tokio::test]
async fn attack_tokens_other_kinds() {
    const KIND: &str = "the token is not an access token";
    const AUDIENCE: &str = "the token is for another audience";
    let (bench, _) = Bench::jwt().await;
    let (key, claims) = (bench.issuer.key(), bench.issuer.claims("ann", RESOURCE));
    for typ in [json!("JWT"), json!("rt+jwt"), json!("logout+jwt"), json!("client-authentication+jwt"), json!("dpop+jwt"), json!("")] {
        let mut header = key.header();
        header["typ"] = typ.clone();
        bench.refused(&typ.to_string(), &key.sign(&header.to_string(), &claims.to_string()), KIND).await;
    }
    let untyped = json!({ "alg": "ES256", "kid": key.kid() }).to_string();
    bench.refused("of no kind", &key.sign(&untyped, &claims.to_string()), KIND).await;
    // An assertion by which a client identifies itself is for the token endpoint, an ID token for the client.
    for audience in [bench.issuer.at("/oauth/token").to_string(), bench.issuer.url().to_owned(), "client".to_owned()] {
        bench.refused(&audience, &bench.issuer.token(&bench.issuer.claims("ann", &audience)), AUDIENCE).await;
    }
    bench.end_launched(&[]).await;
}

#[tokio::test]
async fn attack_tokens_audience() {
    let (bench, _) = Bench::jwt().await;
    let token = |audience: Value| {
        let mut claims = bench.issuer.claims("ann", RESOURCE);
        claims["aud"] = audience;
        bench.issuer.token(&claims)
    };
    for audience in [
        json!("https://mcp.example.com/mcp"),
        json!("https://mcp.example.com/mcp/"),
        json!("HTTPS://MCP.example.com/mcp"),
        json!("https://mcp.example.com:443/mcp"),
        json!(["https://other.example", "https://mcp.example.com/mcp"]),
    ] {
        bench.taken(&audience.to_string(), &token(audience)).await;
    }
    for audience in [
        "https://mcp.example.com/mcp-other",
        "https://mcp.example.com/mc",
        "https://mcp.example.com/mcp/admin",
        "https://mcp.example.com/mcp//",
        "https://mcp.example.com/MCP",
        "https://mcp.example.com/%6dcp",
        "https://mcp.example.com%2Fmcp",
        "https://mcp.example.com/x/../mcp",
        "https://mcp.example.com./mcp",
        "https://mcp.example.com:8443/mcp",
        "https://mcp.example.com",
        "http://mcp.example.com/mcp",
        "https://user@mcp.example.com/mcp",
        "https://mcp.example.com@evil.example/mcp",
        "https://xn--mcp-qla.example.com/mcp",
        "https://mcp.exаmple.com/mcp",
        "https://mcp.example.com/mcp?",
        "https://mcp.example.com/mcp#",
        " https://mcp.example.com/mcp",
        "mcp.example.com/mcp",
        "",
    ] {
        bench.refused(audience, &token(json!(audience)), "the token is for another audience").await;
    }
    bench.refused("nobody", &token(json!([])), "the token is for another audience").await;
    for audience in [json!(null), json!(7), json!({ "a": RESOURCE }), json!([RESOURCE, 7])] {
        bench.refused(&audience.to_string(), &token(audience), "a claim of the token is malformed").await;
    }
    bench.end_launched(&[]).await;
}

#[tokio::test]
async fn attack_tokens_bound_to_a_key() {
    let (bench, _) = Bench::jwt().await;
    let mut claims = bench.issuer.claims("ann", RESOURCE);
    for binding in [json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }), json!({}), json!(null)] {
        claims["cnf"] = binding.clone();
        let reason = "the token is bound to a key and is no bearer token";
        bench.refused(&binding.to_string(), &bench.issuer.token(&claims), reason).await;
    }
    let token = bench.issuer.token(&claims);
    bench.hush(&token);
    let (head, _) = bench.send(bench.request(Some(&format!("DPoP {token}")), &[])).await;
    assert_eq!(head.status, 401, "its own scheme is not known either");
    bench.end_launched(&[]).await;
}
