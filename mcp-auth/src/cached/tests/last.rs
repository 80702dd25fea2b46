//! What a connection remembers of its last token.

use super::*;
use crate::LastToken;

/// Presents a token on the connection that `last` belongs to.
async fn present(cached: &Cached<Shared>, last: &LastToken, token: &str, path: &str) -> Verdict {
    cached.verify(Bearer::parse_after(token, Some(last)).expect("a token"), &resource(path)).await
}

/// Removes the entries, so that only what connections remember saves a question.
async fn lose_entries(cached: &Cached<Shared>) {
    cached.entries.invalidate_all();
    cached.entries.run_pending_tasks().await;
}

#[tokio::test]
async fn the_same_token_on_the_same_connection_is_recognised() {
    let verifier = slow(Ok(alice()), 100);
    let (cached, other) = (Cached::new(verifier.clone()), Cached::new(verifier.clone()));
    let (last, elsewhere) = (LastToken::default(), LastToken::default());
    for _ in 0..2 {
        present(&cached, &last, "token-a", "mcp").await.expect("alice");
    }
    lose_entries(&cached).await;
    let asked = verifier.asked();
    assert_eq!(present(&cached, &last, "token-a", "mcp").await, Ok(alice()));
    assert_eq!(verifier.asked(), asked, "it is recognised");
    for (cached, last, token, path) in [
        (&cached, &last, "token-b", "mcp"),
        (&cached, &last, "token-", "mcp"),
        (&cached, &last, "token-aa", "mcp"),
        (&cached, &last, "token-a", "other"),
        (&cached, &elsewhere, "token-a", "mcp"),
        (&other, &last, "token-a", "mcp"),
    ] {
        let asked = verifier.asked();
        present(cached, last, token, path).await.expect("alice");
        assert_eq!(verifier.asked(), asked + 1, "{token} {path} is another question");
    }
    assert!(!format!("{last:?}").contains("token-"));
}

#[tokio::test]
async fn a_connection_remembers_no_longer_than_the_entry_lives() {
    let (time, clock) = clock(NOW);
    let verifier = slow(Ok(alice()), 100);
    let cached = Cached::new(verifier.clone()).clock(clock);
    let last = LastToken::default();
    for (seconds, asked) in [(0, 1), (30, 1), (59, 1), (60, 2), (61, 2), (119, 2), (120, 3)] {
        time.store(NOW + seconds, Ordering::SeqCst);
        present(&cached, &last, "a", "mcp").await.expect("alice");
        assert_eq!(verifier.asked(), asked, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_connection_remembers_no_refusal() {
    let verifier = slow(Err(AuthError::invalid("wrong")), 100);
    let cached = Cached::new(verifier.clone());
    let last = LastToken::default();
    for _ in 0..3 {
        present(&cached, &last, "a", "mcp").await.expect_err("wrong");
    }
    lose_entries(&cached).await;
    present(&cached, &last, "a", "mcp").await.expect_err("wrong");
    assert_eq!(verifier.asked(), 2);
}

#[tokio::test]
async fn a_forgotten_token_is_recognised_nowhere() {
    let verifier = slow(Ok(alice()), 100);
    let cached = Cached::new(verifier.clone());
    let last = LastToken::default();
    for _ in 0..3 {
        present(&cached, &last, "a", "mcp").await.expect("alice");
    }
    assert_eq!(verifier.asked(), 1);
    cached.forget(Bearer::parse("a").expect("a token")).await;
    present(&cached, &last, "a", "mcp").await.expect("alice");
    assert_eq!(verifier.asked(), 2);
}
