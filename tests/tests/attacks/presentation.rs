//! Tokens in places where they do not belong, and tokens that are passed on.

use mcp_auth::{Cached, Userinfo};
use mcp_core::Verdict;
use mcp_tests::issuer::{Issuer, TokenKind};

use super::bench::{Bench, RESOURCE};
use super::clock::Hand;

#[tokio::test]
async fn attack_tokens_elsewhere_than_in_the_header() {
    let (bench, _) = Bench::jwt().await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.taken("in the header", &token).await;
    let cookie = format!("access_token={token}; Authorization=Bearer {token}");
    for (name, value) in [("Cookie", &*cookie), ("X-Access-Token", &token), ("Proxy-Authorization", &format!("Bearer {token}"))] {
        let (head, _) = bench.send(bench.request(None, &[(name, value)])).await;
        assert_eq!(head.status, 401, "{name}");
        let challenge = head.header("www-authenticate").expect("a challenge");
        assert!(!challenge.contains("error="), "who says nothing did nothing wrong: {challenge}");
    }
    let mut request = bench.request(None, &[]);
    request.path = format!("/mcp?access_token={token}");
    assert_eq!(bench.send(request).await.0.status, 401, "in the query");
    let mut request = bench.request(None, &[]);
    request.body = format!("access_token={token}").into();
    request.headers.retain(|(name, _)| name != "Content-Type");
    request.headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    assert_eq!(bench.send(request).await.0.status, 401, "in a form");
    bench.recorded("authenticate", Verdict::Denied("missing"));
    bench.end();
}

#[tokio::test]
async fn attack_tokens_several_at_once() {
    let (bench, _) = Bench::jwt().await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    let good = format!("Bearer {token}");
    bench.hush(&token);
    for (name, authorization, more, status) in [
        ("lower case", format!("bearer {token}"), None, 200),
        ("the same twice", good.clone(), Some(good.as_str()), 401),
        ("good, then bad", good.clone(), Some("Bearer bad"), 401),
        ("bad, then good", "Bearer bad".to_owned(), Some(&good), 401),
        ("another scheme first", "Basic YTpi".to_owned(), Some(&good), 401),
        ("two in one", format!("{good}, {good}"), None, 401),
        ("two words", format!("{good} {token}"), None, 401),
        ("in quotes", format!("Bearer \"{token}\""), None, 401),
        ("without a scheme", token.clone(), None, 401),
        ("another scheme", format!("Basic {token}"), None, 401),
        ("no token", "Bearer ".to_owned(), None, 401),
    ] {
        let more: Vec<_> = more.map(|more| ("Authorization", more)).into_iter().collect();
        assert_eq!(bench.send(bench.request(Some(&authorization), &more)).await.0.status, status, "{name}");
    }
    assert_eq!((bench.times_recorded(Verdict::Succeeded), bench.refusals()), (1, 8));
    bench.end();
}

#[tokio::test]
async fn attack_tokens_on_every_path() {
    let (bench, _) = Bench::jwt().await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.taken("good", &token).await;
    let bad = format!("Bearer {}x", &token[..token.len() - 2]);
    let mut refused = 0;
    for (method, path) in [
        ("POST", "/mcp"),
        ("GET", "/mcp"),
        ("DELETE", "/mcp"),
        ("POST", "/mcp/"),
        ("GET", "/sse"),
        ("GET", "/v1/sse"),
        ("POST", "/sse/messages?sessionId=abc"),
        ("GET", "/mcp/tools"),
        ("POST", "/mcp/tool/whoami"),
    ] {
        for (authorization, described) in [(None, false), (Some(&*bad), true), (Some("Bearer"), true)] {
            let mut request = bench.request(authorization, &[]);
            (request.method, request.path) = (method, path.to_owned());
            let (head, body) = bench.send(request).await;
            let challenge = head.header("www-authenticate").unwrap_or_default();
            assert_eq!((head.status, challenge.contains("invalid_token")), (401, described), "{method} {path}: {challenge} {body}");
            assert!(challenge.contains("resource_metadata="), "{method} {path}: {challenge}");
            refused += 1;
        }
    }
    let recorded = bench.times_recorded(Verdict::Denied("missing")) + bench.refusals();
    assert_eq!(recorded, refused, "each of them is recorded");
    bench.hush(&bad);
    bench.end();
}

#[tokio::test]
async fn attack_tokens_passthrough() {
    let (bench, _) = Bench::jwt().await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    let (head, body) = bench.relay(&token).await;
    assert!(head.status == 200 && body.contains("ann"), "{body}");
    assert_eq!(bench.issuer.count("/upstream"), 1);
    bench.end();
    let shown = format!("{:?}", bench.issuer.asked());
    let signature = token.rsplit_once('.').expect("three parts").1;
    assert!(!shown.contains(signature), "nobody outside needs a token that is verified here");

    // Where the issuer has to be asked, it is the only one who is shown the token, and only where it is asked.
    let provider = |issuer: &Issuer, hand: &Hand| {
        let userinfo = Userinfo::new(Issuer::fetcher(), issuer.at("/userinfo")).issuer(issuer.url());
        Cached::new(userinfo.accept_without_audience()).clock(hand.clock())
    };
    let bench = Bench::new(Issuer::issuing(TokenKind::Opaque).await, provider, &Hand::new()).await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    assert_eq!(bench.relay(&token).await.0.status, 200);
    let shown = bench.issuer.asked();
    let told: Vec<_> = shown.iter().filter(|asked| format!("{asked:?}").contains(&token)).map(|asked| asked.path.as_str()).collect();
    assert_eq!((told, bench.issuer.count("/upstream")), (vec!["/userinfo"], 1));
    bench.end();
}
