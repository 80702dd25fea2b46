//! What somebody holds who has read the files, and what a caller learns from errors.

use std::sync::Arc;

use mcp_auth::{ApiKeys, Introspection, Principal};
use mcp_core::Verdict;
use mcp_parity::{Tool, ToolError};
use mcp_tests::issuer::{Issuer, TokenKind};

use super::bench::{Bench, RESOURCE};
use super::clock::Hand;

/// The configuration holds hashes of keys, the audit log who did what: nothing of them is taken for a credential.
#[tokio::test]
async fn attack_platform_store_dump() {
    let key = ApiKeys::generate("mcpk");
    let keys = ApiKeys::new("mcpk").key_hash(&ApiKeys::hash(&key), Principal::new("ci")).expect("a hash");
    let bench = Bench::new(Issuer::start().await, |_, _| keys, &Hand::new()).await;
    bench.taken("the key", &key).await;
    let hash = ApiKeys::hash(&key);
    let mut found = vec![hash.clone(), format!("mcpk_{hash}"), hash.to_uppercase()];
    let lines = bench.lines.lines();
    let words = lines.iter().flat_map(|line| line.split(|character: char| !character.is_ascii_alphanumeric() && character != '_'));
    found.extend(words.filter(|word| word.len() >= 8).map(str::to_owned));
    assert!(found.len() > 5, "the log holds hashes at least: {lines:?}");
    for stolen in found {
        let (head, body) = bench.ask(Some(&stolen), &[]).await;
        assert_eq!(head.status, 401, "{stolen}: {body}");
        assert!(bench.verdict(&stolen).await.is_err(), "{stolen}");
    }
    assert!(bench.refusals() > 0);
    // Of what was tried much is no secret, as the words of the log; the key is.
    assert!(!bench.lines.lines().concat().contains(&key) && !bench.shown().contains(&key));
}

/// What went wrong underneath is for the log: addresses, causes and paths are in no answer.
#[tokio::test]
async fn attack_platform_error_bodies() {
    const INSIDE: &str = "postgres://admin:hush-hush@10.0.0.7/users: connection refused";
    let hand = Hand::new();
    let provider = |issuer: &Issuer, _: &Hand| {
        Introspection::new(Issuer::fetcher(), issuer.at("/introspect"), issuer.client_auth()).issuer(issuer.url())
    };
    let fails = Tool::new("fails", |_, _: mcp_parity::NoArguments| async move {
        Err::<String, _>(ToolError::new("the users are not available; try again").caused_by(std::io::Error::other(INSIDE)))
    });
    let panics = Tool::new("panics", |_, _: mcp_parity::NoArguments| async move {
        if INSIDE.is_empty() { Ok::<_, ToolError>(String::new()) } else { panic!("{INSIDE}") }
    });
    let bench = Bench::offering([fails, panics], Issuer::issuing(TokenKind::Opaque).await, provider, &hand).await;
    let token = bench.issuer.token(&bench.issuer.claims("ann", RESOURCE));
    bench.hush(&token);
    for tool in ["fails", "panics"] {
        let (head, body) = bench.send(bench.request_of(tool, Some(&format!("Bearer {token}")), &[])).await;
        assert!(body.contains("isError") || body.contains("\"error\""), "{tool}: {body}");
        for inside in ["postgres", "hush-hush", "10.0.0.7", "connection refused", ".rs:", "panicked"] {
            assert!(!body.contains(inside) && !format!("{head:?}").contains(inside), "{tool}: `{inside}` in {body}");
        }
    }
    let address = bench.issuer.address().to_string();
    bench.issuer.vanish().await;
    let (head, body) = bench.ask(Some("another"), &[]).await;
    assert_eq!(head.status, 503, "{body}");
    assert!(!body.contains(&address) && !body.contains("introspect"), "{body}");
    bench.recorded("tools/call", Verdict::Failed);
    bench.end();
}

/// However many tokens come by, what is kept of them has a bound. (That of addresses and callers is tested where they are counted.)
#[tokio::test]
async fn attack_platform_unbounded_maps() {
    const TOKENS: usize = 1_500;
    let hand = Hand::new();
    let bytes = 64 * 1_024;
    let provider = |issuer: &Issuer, hand: &Hand| {
        let asks = Introspection::new(Issuer::fetcher(), issuer.at("/introspect"), issuer.client_auth()).issuer(issuer.url());
        mcp_auth::Cached::new(asks).max_bytes(bytes).clock(hand.clock())
    };
    let limits = Arc::new(mcp_auth::RateLimits::new(hand.clock()).per_principal("1000000/min".parse().expect("a rate")));
    let issuer = Issuer::issuing(TokenKind::Opaque).await;
    let bench = Bench::with(issuer, provider, &hand, |_| (), move |builder| builder.limit(limits)).await;
    for number in 0..TOKENS {
        // Every other one is good.
        let token = match number % 2 {
            0 => bench.issuer.token(&bench.issuer.claims(&format!("user-{number}"), RESOURCE)),
            _ => format!("guess-{number}"),
        };
        bench.hush(&token);
        assert_eq!(bench.verdict(&token).await.is_ok(), number % 2 == 0, "{number}");
    }
    let shown = bench.shown();
    let entries = shown.split("entries: ").nth(1).and_then(|rest| rest.split(|digit: char| !digit.is_ascii_digit()).next());
    let entries: usize = entries.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number of entries: {shown}"));
    assert!(entries <= bytes as usize / 512, "{entries} entries in {bytes} bytes");
    bench.taken("afterwards", &bench.issuer.token(&bench.issuer.claims("ann", RESOURCE))).await;
    bench.end();
}
