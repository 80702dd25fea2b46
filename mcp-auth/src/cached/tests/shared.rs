//! Who asks the same at the same time.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_at_the_same_time_share_one_question() {
    for verdict in [Ok(alice()), Err(AuthError::invalid("wrong"))] {
        let verifier = slow(verdict.clone(), 0);
        let cached = Arc::new(Cached::new(verifier.clone()));
        let callers: Vec<_> = (0..16).map(|_| spawn(&cached)).collect();
        verifier.until_asked(1).await;
        verifier.0.permits.add_permits(16);
        for caller in callers {
            assert_eq!(caller.await.expect("no panic"), verdict);
        }
        assert_eq!(verifier.asked(), 1);
        assert!(cached.flights.is_empty());
    }
}

#[tokio::test]
async fn an_outage_is_shared_by_those_who_wait_and_by_nobody_after() {
    let away = Err(AuthError::Unavailable { retry_after: Duration::from_secs(5) });
    let verifier = slow(away.clone(), 0);
    let cached = Cached::new(verifier.clone());
    let release = async {
        verifier.until_asked(1).await;
        verifier.0.permits.add_permits(3);
    };
    let (one, two, ()) = tokio::join!(ask(&cached, "a"), ask(&cached, "a"), release);
    assert_eq!((one, two, verifier.asked()), (away.clone(), away.clone(), 1));
    assert_eq!((ask(&cached, "a").await, verifier.asked()), (away, 2));
}

#[tokio::test]
async fn a_cancelled_caller_does_not_lose_the_others() {
    let verifier = slow(Ok(alice()), 0);
    let cached = Arc::new(Cached::new(verifier.clone()));
    let first = spawn(&cached);
    verifier.until_asked(1).await;
    let others: Vec<_> = (0..300).map(|_| spawn(&cached)).collect();
    tokio::task::yield_now().await;
    first.abort();
    verifier.until_asked(2).await;
    // Whoever asks is cancelled, again and again.
    for other in &others[..299] {
        other.abort();
    }
    verifier.0.permits.add_permits(300);
    let last = others.into_iter().next_back().expect("300 callers");
    assert_eq!(last.await.expect("not cancelled"), Ok(alice()));
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    assert!(cached.flights.is_empty());
}

#[tokio::test]
async fn what_was_asked_before_forgetting_is_neither_joined_nor_remembered() {
    let verifier = slow(Ok(alice()), 0);
    let cached = Arc::new(Cached::new(verifier.clone()));
    let before = spawn(&cached);
    verifier.until_asked(1).await;
    cached.forget(Bearer::parse("a").expect("a token")).await;
    let after = spawn(&cached);
    verifier.until_asked(2).await;
    // Permits are given in order: `before` is done while `after` still waits, and leaves its question alone.
    verifier.0.permits.add_permits(1);
    assert_eq!(before.await.expect("no panic"), Ok(alice()));
    assert!(
        !cached.flights.is_empty()
            && cached.remembered(&key(Bearer::parse("a").expect("a token"), resource("mcp").as_str())).await.is_none()
    );
    verifier.0.permits.add_permits(1);
    assert_eq!(after.await.expect("no panic"), Ok(alice()));
    assert_eq!((ask(&cached, "a").await, verifier.asked()), (Ok(alice()), 2));
}
