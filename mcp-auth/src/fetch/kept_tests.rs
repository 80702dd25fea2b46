//! A document that is kept, by a clock that is set.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::UNIX_EPOCH;

use super::*;

/// A document that is the number of the attempt that fetched it.
struct Case {
    kept: Kept<usize>,
    seconds: Arc<AtomicU64>,
    attempts: Arc<AtomicUsize>,
    up: Arc<AtomicBool>,
}

impl Case {
    fn new() -> Self {
        let seconds = Arc::new(AtomicU64::new(1_000_000));
        let (attempts, up) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
        let now = seconds.clone();
        let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(now.load(Ordering::SeqCst)));
        let ages = Ages { stale: Duration::from_secs(100), dead: Duration::from_secs(1_000) };
        let (counted, reachable) = (attempts.clone(), up.clone());
        let kept = Kept::new(clock, ages, move || {
            let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
            let up = reachable.load(Ordering::SeqCst);
            async move {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                up.then_some(number)
            }
        });
        Self { kept, seconds, attempts, up }
    }

    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn get(&self) -> Result<usize, AuthError> {
        self.kept.get().await.map(|document| *document)
    }

    fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }

    /// Lets the attempt under way end.
    async fn settle(&self) {
        while self.kept.inner.state().flight.is_some() {
            tokio::task::yield_now().await;
        }
    }
}

const fn unavailable(seconds: u64) -> AuthError {
    AuthError::Unavailable { retry_after: Duration::from_secs(seconds) }
}

#[tokio::test]
async fn a_document_is_fetched_once_and_anew_when_stale() {
    let case = Case::new();
    assert_eq!((case.get().await, case.get().await, case.attempts()), (Ok(1), Ok(1), 1));
    case.pass(99);
    assert_eq!((case.get().await, case.attempts()), (Ok(1), 1));
    case.pass(1);
    assert_eq!(case.get().await, Ok(1), "a stale document is used while a new one is fetched");
    case.settle().await;
    assert_eq!((case.get().await, case.attempts()), (Ok(2), 2));
}

#[tokio::test]
async fn the_last_document_is_kept_until_it_is_dead() {
    let case = Case::new();
    assert_eq!(case.get().await, Ok(1));
    case.up.store(false, Ordering::SeqCst);
    case.pass(999);
    assert_eq!(case.get().await, Ok(1));
    case.settle().await;
    assert_eq!(case.get().await, Ok(1), "a failed attempt takes nothing away");
    case.pass(1);
    assert_eq!((case.get().await, case.attempts()), (Err(unavailable(29)), 2), "nothing is fetched in the cool-down");
    case.pass(29);
    case.up.store(true, Ordering::SeqCst);
    assert_eq!((case.get().await, case.attempts()), (Ok(3), 3));
}

#[tokio::test]
async fn nothing_is_fetched_in_the_cool_down() {
    let case = Case::new();
    case.up.store(false, Ordering::SeqCst);
    assert_eq!(case.get().await, Err(unavailable(30)));
    case.pass(29);
    assert_eq!((case.get().await, case.attempts()), (Err(unavailable(1)), 1));
    case.pass(1);
    assert_eq!((case.get().await, case.attempts()), (Err(unavailable(30)), 2));
    case.seconds.fetch_sub(3_600, Ordering::SeqCst);
    case.up.store(true, Ordering::SeqCst);
    assert_eq!(case.get().await, Ok(3), "a clock that is set back does not stretch it");
}

#[tokio::test]
async fn another_document_is_asked_for_once_in_a_cool_down() {
    let case = Case::new();
    let first = case.kept.get().await.expect("it is there");
    assert_eq!(case.kept.other_than(&first).await, Ok(None), "it is a moment old");
    case.pass(30);
    assert_eq!(case.kept.other_than(&first).await, Ok(Some(Arc::new(2))));
    let second = case.kept.get().await.expect("it is there");
    assert_eq!(case.kept.other_than(&first).await, Ok(Some(second.clone())), "what is there is not fetched again");
    assert_eq!((case.kept.other_than(&second).await, case.attempts()), (Ok(None), 2));
    case.pass(30);
    case.up.store(false, Ordering::SeqCst);
    assert_eq!(case.kept.other_than(&second).await, Err(unavailable(30)), "whether there is one is not known");
    assert_eq!((case.get().await, case.attempts()), (Ok(2), 3));
}

#[tokio::test]
async fn all_who_wait_share_one_attempt_and_none_can_end_it() {
    let case = Case::new();
    let (a, b, c) = tokio::join!(case.get(), case.get(), case.get());
    assert_eq!((a, b, c, case.attempts()), (Ok(1), Ok(1), Ok(1), 1));

    let case = Case::new();
    let mut impatient = Box::pin(case.get());
    let waits = std::future::poll_fn(|cx| Poll::Ready(impatient.as_mut().poll(cx).is_pending())).await;
    assert!(waits, "it leaves before the attempt ends");
    drop(impatient);
    assert_eq!((case.get().await, case.attempts()), (Ok(1), 1));
}

#[tokio::test]
async fn an_attempt_that_panics_has_failed() {
    let ages = Ages { stale: Duration::from_secs(1), dead: Duration::from_secs(1) };
    let kept: Kept<usize> = Kept::new(Clock::default(), ages, || async { panic!("a fetcher of a user") });
    assert!(matches!(kept.get().await, Err(AuthError::Unavailable { .. })));
}

#[tokio::test]
async fn what_is_forgotten_is_fetched_again() {
    let case = Case::new();
    assert_eq!(case.get().await, Ok(1));
    case.kept.forget();
    assert_eq!(case.get().await, Err(unavailable(30)));
    case.pass(30);
    assert_eq!(case.get().await, Ok(2));
}
