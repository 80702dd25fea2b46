//! More than anybody needs: in tokens, and in what an issuer publishes.

use std::time::Duration;

use mcp_auth::{FetchPolicy, JwtIssuer, JwtVerifier};
use mcp_testkit::Document;
use mcp_tests::issuer::{Issuer, Key, Mood};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::bench::{Bench, RESOURCE};
use super::clock::Hand;

#[tokio::test]
async fn attack_tokens_oversized() {
    let (bench, _) = Bench::jwt().await;
    let (key, claims) = (bench.issuer.key(), bench.issuer.claims("ann", RESOURCE));
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        key.token(&claims)
    };
    bench.taken("just fits", &with("pad", json!("x".repeat(5_000)))).await;
    bench.refused("8 KiB", &with("pad", json!("x".repeat(8_192))), "the token is too long").await;
    bench.refused("many audiences", &with("aud", json!(vec!["https://a.example"; 1_000])), "the token is too long").await;
    let deep = claims.to_string().replacen('{', &format!("{{\"x\":{}{},", "[".repeat(2_000), "]".repeat(2_000)), 1);
    bench.refused("deep", &key.sign(&key.header().to_string(), &deep), "").await;
    let twice = claims.to_string().replacen('{', "{\"sub\":\"admin\",", 1);
    bench.refused("a claim twice", &key.sign(&key.header().to_string(), &twice), "the token has a claim twice").await;
    assert_eq!(bench.verdict(&with("aud", json!(vec![RESOURCE; 100_000]))).await, bench.verdict(&"x".repeat(9_000)).await);

    // A header that no server should read to its end.
    let mut stream = TcpStream::connect(bench.server).await.expect("the server listens");
    let head = format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", "x".repeat(1_000_000));
    // The server may close the connection before it has read everything.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    bench.taken("afterwards", &key.token(&claims)).await;
    bench.end_launched(&[]).await;
}

/// A gzip file (RFC 1952) of one stored block.
fn gzip(text: &[u8]) -> Vec<u8> {
    let crc = text.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let length = u16::try_from(text.len()).expect("a short text");
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    let size = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    let tail = [(!crc).to_le_bytes(), u32::from(length).to_le_bytes()].concat();
    [&head[..], &size, text, &tail].concat()
}

#[tokio::test]
async fn attack_tokens_key_set_bombs() {
    let (issuer, hand) = (Issuer::start().await, Hand::new());
    let policy = FetchPolicy { timeout: Duration::from_secs(1), ..FetchPolicy::default() };
    let bench = Bench::new(
        issuer,
        |issuer, hand| {
            let trusted = JwtIssuer::new(issuer.url()).expect("an issuer").jwks_uri(issuer.at("/jwks").to_string());
            JwtVerifier::new(Issuer::fetcher_with(policy)).issuer(trusted).clock(hand.clock())
        },
        &hand,
    )
    .await;
    let elsewhere = Issuer::start().await;
    let claims = bench.issuer.claims("ann", RESOURCE);
    let (known, next) = (bench.issuer.key(), Key::new("next"));
    bench.taken("known", &known.token(&claims)).await;

    let good = json!({ "keys": [known.jwk(), next.jwk()] });
    let padded = Document::new("application/json", format!("{good}{}", " ".repeat(256 * 1_024)));
    let zipped = Document::new("application/json", gzip(good.to_string().as_bytes()));
    let mut many = vec![next.jwk()];
    many.resize_with(101, || json!({ "kty": "EC" }));
    for (name, answer) in [
        ("larger than 256 KiB", padded),
        ("more than 100 keys", Document::json(&json!({ "keys": many }))),
        ("compressed", zipped.header("Content-Encoding", "gzip")),
        ("elsewhere", Document::json(&good).status(302).header("Location", elsewhere.at("/jwks").to_string())),
        ("not found", Document::json(&good).status(404)),
        ("a page", Document::new("application/json", "<html>")),
    ] {
        bench.issuer.publish(answer);
        hand.turn(30);
        bench.unavailable(name, &next.token(&claims), 30).await;
        bench.taken("the last good set", &known.token(&claims)).await;
    }
    bench.issuer.publish(Document::json(&good));
    for mood in [Mood::Stalling, Mood::Failing] {
        bench.issuer.is(mood);
        hand.turn(30);
        bench.unavailable(&format!("{mood:?}"), &next.token(&claims), 30).await;
        bench.taken("the last good set", &known.token(&claims)).await;
    }
    bench.issuer.is(Mood::Up);
    hand.turn(30);
    bench.taken("a good set at last", &next.token(&claims)).await;
    assert_eq!(elsewhere.asked().len(), 0, "redirects are not followed");
    assert!(bench.issuer.asked().iter().all(|asked| asked.header("accept-encoding").is_none()), "nobody asks for compression");
    bench.end();
}
