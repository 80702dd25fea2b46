//! Asking more often than one may, under addresses that somebody made up.

use std::net::Ipv4Addr;
use std::sync::Arc;

use mcp_auth::{RateLimits, TrustedProxies, Userinfo};
use mcp_core::Verdict;
use mcp_parity::http::ClientAddress;
use mcp_tests::issuer::Issuer;
use tokio::net::TcpSocket;

use super::bench::{Bench, RESOURCE, verifier};
use super::clock::Hand;

const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const DIRECT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

async fn status(bench: &Bench, token: &str, from: Ipv4Addr, forwarded: &[&str]) -> u16 {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("an address of loopback");
    let stream = socket.connect(bench.server).await.expect("the server listens");
    let headers: Vec<_> = forwarded.iter().map(|value| ("X-Forwarded-For", *value)).collect();
    let request = bench.request(Some(&format!("Bearer {token}")), &headers);
    let mut response = request.send_on(stream).await.expect("an answer");
    let body = response.body().await.expect("the connection lives");
    bench.hear(&format!("{:?} {}", response.head, String::from_utf8_lossy(&body)));
    if response.head.status == 429 {
        assert!(response.head.header("retry-after").is_some());
    }
    response.head.status
}

#[tokio::test]
async fn attack_platform_rate_limit_by_forwarded_for() {
    let hand = Hand::new();
    let limits = Arc::new(RateLimits::new(hand.clock()).per_address("2/min".parse().expect("a rate")));
    let proxies: TrustedProxies = [format!("{PROXY}/32").parse().expect("a network")].into_iter().collect();
    let bench = Bench::with(
        Issuer::start().await,
        verifier,
        &hand,
        |config| config.client_address = ClientAddress::by(move |peer, forwarded| proxies.client_address(peer, forwarded)),
        move |builder| builder.limit(limits),
    )
    .await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.hush(&token);
    let claimed = |number: u8| format!("198.51.100.{number}");
    for (name, from, forwarded) in [
        // Nobody believes what a caller says of itself.
        ("directly", DIRECT, [[claimed(1)].to_vec(), [claimed(2)].to_vec(), [claimed(3)].to_vec()]),
        // The proxy appends whom it heard from, to the same line or in a line of its own.
        ("in one line", PROXY, [1, 2, 3].map(|number| [format!("{}, 192.0.2.7", claimed(number))].to_vec())),
        ("in two lines", PROXY, [1, 2, 3].map(|number| [claimed(number), "192.0.2.8".to_owned()].to_vec())),
        ("in no address", PROXY, [["unknown".to_owned()].to_vec(), ["".to_owned()].to_vec(), ["x, y".to_owned()].to_vec()]),
    ] {
        let mut found = Vec::new();
        for forwarded in &forwarded {
            let forwarded: Vec<&str> = forwarded.iter().map(String::as_str).collect();
            found.push(status(&bench, &token, from, &forwarded).await);
        }
        assert_eq!(found, [200, 200, 429], "{name}");
    }
    assert_eq!(status(&bench, &token, PROXY, &["192.0.2.9"]).await, 200, "others behind the proxy are not held responsible");
    assert!((1..=4).contains(&bench.times_recorded(Verdict::Denied("rate limit"))));
    hand.turn(60);
    assert_eq!(status(&bench, &token, DIRECT, &[]).await, 200, "it passes");
    bench.end();
}

#[tokio::test]
async fn attack_platform_guessing_tokens_has_a_limit_and_spares_the_issuer() {
    let hand = Hand::new();
    let limits = Arc::new(RateLimits::new(hand.clock()).per_address("3/min".parse().expect("a rate")));
    let provider = |issuer: &Issuer, _: &Hand| {
        let url = format!("{}/userinfo", issuer.url()).parse().expect("a URL");
        Userinfo::new(Issuer::fetcher(), url).issuer(issuer.url()).accept_without_audience()
    };
    let bench = Bench::with(Issuer::start().await, provider, &hand, |_| (), move |builder| builder.limit(limits)).await;
    let mut found = Vec::new();
    for guess in 0..6 {
        found.push(status(&bench, &format!("guess-{guess}"), DIRECT, &[]).await);
    }
    assert_eq!(found, [401, 401, 401, 429, 429, 429]);
    assert_eq!(bench.issuer.count("/userinfo"), 3);
    // Once a second, or recording it would cost more than was asked.
    assert!((1..=3).contains(&bench.times_recorded(Verdict::Denied("rate limit"))));
    assert_eq!(status(&bench, "guess-7", PROXY, &[]).await, 401, "others may still try");
    bench.end();
}

/// An issuer that takes its time is no way past the limit: what comes at once from one address is not all asked about at once.
#[tokio::test]
async fn attack_platform_guessing_in_a_pulse() {
    let hand = Hand::new();
    let limits = Arc::new(RateLimits::new(hand.clock()).per_address("3/min".parse().expect("a rate")));
    let provider = |issuer: &Issuer, _: &Hand| {
        let url = format!("{}/userinfo", issuer.url()).parse().expect("a URL");
        Userinfo::new(Issuer::fetcher(), url).issuer(issuer.url()).accept_without_audience()
    };
    let bench = Arc::new(Bench::with(Issuer::start().await, provider, &hand, |_| (), move |builder| builder.limit(limits)).await);
    bench.issuer.hold();
    let guesses: Vec<_> = (0..200)
        .map(|guess| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { status(&bench, &format!("guess-{guess}"), DIRECT, &[]).await })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    bench.issuer.release();
    let mut found = Vec::new();
    for guess in guesses {
        found.push(guess.await.expect("no panic"));
    }
    assert!(found.iter().all(|status| [401, 429].contains(status)), "{found:?}");
    assert!(bench.issuer.count("/userinfo") <= 64, "{} questions", bench.issuer.count("/userinfo"));
    assert_eq!(status(&bench, "another", PROXY, &[]).await, 401, "others may still try");
    bench.end();
}
