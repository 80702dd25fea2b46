//! Every flow there is, with secrets that would be seen anywhere.

use std::sync::Arc;

use mcp_auth::{ApiKeys, Authenticate, Cached, FirstOf, Gateway, Introspection, Principal, Userinfo};
use mcp_core::Verdict;
use mcp_tests::issuer::{Issuer, Key, Mood, TokenKind, random};

use super::bench::{Bench, RESOURCE, verifier};
use super::clock::Hand;
use super::traces;

#[tokio::test]
async fn attack_platform_leakage() {
    let (hand, secret, api_key) = (Hand::new(), random(24), ApiKeys::generate("mcpk"));
    let (opaque, users) = (Issuer::issuing(TokenKind::Opaque).await, Issuer::issuing(TokenKind::Opaque).await);
    let provider = |issuer: &Issuer, hand: &Hand| {
        let introspection = Introspection::new(Issuer::fetcher(), opaque.at("/introspect"), opaque.client_auth());
        let providers: Vec<Arc<dyn Authenticate>> = vec![
            Arc::new(Gateway::trusting(["127.0.0.1/32".parse().expect("a network")]).secret(&secret)),
            Arc::new(ApiKeys::new("mcpk").key(&api_key, Principal::new("ci"))),
            Arc::new(Cached::new(verifier(issuer, hand))),
            Arc::new(Cached::new(introspection.issuer(opaque.url()))),
        ];
        FirstOf::new(providers)
    };
    let bench = Bench::new(Issuer::start().await, provider, &hand).await;
    [&*secret, &api_key, opaque.secret()].into_iter().for_each(|secret| bench.hush(secret));

    let signed = bench.issuer.sign_in("mcp:read", RESOURCE).await;
    let introspected = opaque.sign_in("mcp:read", RESOURCE).await;
    for (token, subject) in [(&signed, "ann"), (&introspected, "ann"), (&api_key, "ci")] {
        let (head, body) = bench.ask(Some(token), &[]).await;
        assert!(head.status == 200 && body.contains(subject), "{body}");
        let _ = bench.relay(token).await;
    }
    let gateway = |secret: &str| bench.request(None, &[("X-Auth-User", "gwen"), ("X-Auth-Secret", secret)]);
    assert_eq!(bench.send(gateway(&secret)).await.0.status, 200);
    let (half, wrong_key) = (secret[..16].to_owned(), ApiKeys::generate("mcpk"));
    bench.hush(&half);
    assert_eq!(bench.send(gateway(&half)).await.0.status, 401);

    let forged = Key::new(bench.issuer.key().kid()).token(&bench.issuer.claims("ann", RESOURCE));
    let expired = {
        let mut claims = bench.issuer.claims("ann", RESOURCE);
        claims["exp"] = 1.into();
        bench.issuer.token(&claims)
    };
    let quoted = format!("\"{}\r", random(20));
    for token in [&*forged, &expired, &wrong_key, &random(40), &format!("{signed}x"), quoted.trim_end(), &random(7_000)] {
        assert_eq!(bench.ask(Some(token), &[]).await.0.status, 401, "{token}");
        assert_eq!(bench.relay(token).await.0.status, 401);
    }
    for (name, value) in [("Cookie", &*signed), ("X-Api-Key", &api_key), ("Proxy-Authorization", &signed)] {
        let _ = bench.send(bench.request(None, &[(name, value)])).await;
    }
    opaque.is(Mood::Failing);
    assert_eq!(bench.ask(Some(&random(40)), &[]).await.0.status, 503);
    opaque.vanish().await;
    assert_eq!(bench.ask(Some(&random(40)), &[]).await.0.status, 503);
    // A body that holds a token is answered with what is wrong with it, and not with the token.
    let mut request = bench.request(Some(&format!("Bearer {signed}")), &[]);
    request.body = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{signed}").into();
    assert_eq!(bench.send(request).await.0.status, 400);
    bench.recorded("authenticate", Verdict::Denied("unavailable"));
    assert!(bench.refusals() > 0);
    bench.recorded("tools/call", Verdict::Succeeded);
    bench.end();

    let userinfo = Userinfo::new(Issuer::fetcher(), users.at("/userinfo")).issuer(users.url()).accept_without_audience();
    let bench = Bench::new(users, |_, _| Cached::new(userinfo), &hand).await;
    let token = bench.issuer.sign_in("mcp:read", RESOURCE).await;
    bench.taken("userinfo", &token).await;
    bench.issuer.revoke(&token);
    bench.refused("userinfo", &random(40), "the issuer does not accept the token").await;
    bench.end();
}

/// A search that cannot find anything proves nothing.
#[tokio::test]
async fn canaries_are_found_wherever_they_are() {
    let (bench, _) = Bench::jwt().await;
    let subject = format!("canary-{}", random(12));
    let token = bench.issuer.token(&bench.issuer.claims(&subject, RESOURCE));
    bench.taken("good", &token).await;
    assert_eq!(bench.leaks(), [""; 0]);
    // The subject is no secret: it is logged, recorded and answered.
    bench.hush(&subject);
    assert_eq!(bench.leaks(), ["log", "audit", "answers"]);
    let (other, _) = Bench::jwt().await;
    other.hush(other.issuer.url());
    assert_eq!(other.leaks(), ["debug"]);
    assert!(traces::written().contains("denied") || traces::written().contains("allowed"));
}
