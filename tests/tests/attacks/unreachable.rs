//! An issuer that cannot be asked: nobody is let in for that, nobody is told to throw a token away, and it passes.

use std::time::Duration;

use mcp_auth::{Cached, FetchPolicy, Userinfo};
use mcp_tests::issuer::{Issuer, Mood, TokenKind};

use super::bench::{Bench, RESOURCE};
use super::clock::Hand;

#[tokio::test]
async fn attack_platform_unreachable_issuer_of_opaque_tokens() {
    let provider = |issuer: &Issuer, hand: &Hand| {
        let policy = FetchPolicy { timeout: Duration::from_secs(1), ..FetchPolicy::default() };
        let userinfo = Userinfo::new(Issuer::fetcher_with(policy), issuer.at("/userinfo")).issuer(issuer.url());
        Cached::new(userinfo.accept_without_audience()).clock(hand.clock())
    };
    let hand = Hand::new();
    let bench = Bench::new(Issuer::issuing(TokenKind::Opaque).await, provider, &hand).await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.issuer.vanish().await;
    bench.unavailable("refused", &token, 5).await;
    bench.issuer.reappear().await;
    for mood in [Mood::Failing, Mood::Stalling] {
        bench.issuer.is(mood);
        bench.unavailable(&format!("{mood:?}"), &token, 5).await;
    }
    bench.issuer.is(Mood::Up);
    bench.taken("at once when it is back", &token).await;
    bench.issuer.vanish().await;
    bench.taken("remembered", &token).await;
    hand.turn(60);
    bench.unavailable("not remembered any more", &token, 5).await;
    bench.end();
}

#[tokio::test]
async fn attack_platform_unreachable_issuer_of_signed_tokens() {
    let (bench, hand) = Bench::jwt().await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.issuer.vanish().await;
    bench.unavailable("no keys yet", &token, 30).await;
    bench.issuer.reappear().await;
    hand.turn(20);
    bench.unavailable("in the cool-down", &token, 10).await;
    assert_eq!(bench.issuer.asked().len(), 0);
    hand.turn(10);
    bench.taken("back", &token).await;
    bench.issuer.vanish().await;
    hand.turn(30);
    bench.taken("with the keys that are known", &token).await;
    bench.end();
}
