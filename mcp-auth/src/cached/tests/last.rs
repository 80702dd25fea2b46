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
    for _ in 0..3 {
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
async fn tokens_that_take_turns_and_long_ones_are_not_kept() {
    let verifier = slow(Ok(alice()), 100);
    let cached = Cached::new(verifier.clone());
    let (last, long) = (LastToken::default(), "x".repeat(5_000));
    for turn in [&["one", "two"][..], &[&long]] {
        for _ in 0..4 {
            for token in turn {
                present(&cached, &last, token, "mcp").await.expect("alice");
            }
        }
        lose_entries(&cached).await;
        let asked = verifier.asked();
        for token in turn {
            present(&cached, &last, token, "mcp").await.expect("alice");
        }
        assert_eq!(verifier.asked(), asked + turn.len(), "{:.3}", turn[0]);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_make_a_connection_remember_longer() {
    let (time, clock) = clock(NOW + 7_200);
    let verifier = slow(Ok(alice()), 100);
    let cached = Cached::new(verifier.clone()).clock(clock).ttl(Duration::from_millis(200));
    let last = LastToken::default();
    for _ in 0..3 {
        present(&cached, &last, "a", "mcp").await.expect("alice");
    }
    time.store(NOW, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(450)).await;
    lose_entries(&cached).await;
    let asked = verifier.asked();
    present(&cached, &last, "a", "mcp").await.expect("alice");
    assert_eq!(verifier.asked(), asked + 1);
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
