//! Signing in where whoever calls does not wait for a person.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::OAuth;
use super::asking::{Step, Wanted};
use super::error::OAuthError;
use crate::credentials::{Asked, Challenge, Credentials, Pass, Retry};

/// For how long nobody is asked again after a sign-in that came to nothing.
const REST: Duration = Duration::from_secs(5 * 60);
/// How many sign-ins in a row may come to nothing before nobody is asked any more.
const MOST_UNANSWERED: u32 = 3;

/// Signs in on behalf of a program that stands between a server and somebody else.
///
/// A call waits for a person only so long; then it hears of the refusal, and the sign-in goes on, so that a later call succeeds. A person
/// who does not sign in, for this program or another one that shares the store, is not asked again at once, and after some times not at
/// all: what was saved elsewhere meanwhile is used then. For one server.
#[derive(Clone, Debug)]
pub struct Standing(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    oauth: OAuth,
    patience: Duration,
    asking: Mutex<Asking>,
}

/// How a sign-in ended, for everybody who waits for it.
type Ended = Option<std::result::Result<Retry, Arc<OAuthError>>>;

#[derive(Debug, Default)]
struct Asking {
    pending: Option<watch::Receiver<Ended>>,
    /// How many in a row came to nothing.
    unanswered: u32,
    rests_until: Option<Instant>,
}

/// Why a sign-in failed that several waited for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Shared(Arc<OAuthError>);

impl Standing {
    /// Signs in as `oauth` does; calls wait for a person for `patience` at most.
    pub fn new(mut oauth: OAuth, patience: Duration) -> Self {
        oauth.follows = true;
        Self(Arc::new(Inner { oauth, patience, asking: Mutex::default() }))
    }

    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.0.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sign-in that goes on, or a new one; `None` when nobody is to be asked now.
    fn asked(&self, wanted: Box<Wanted>) -> Option<watch::Receiver<Ended>> {
        let mut asking = self.asking();
        if let Some(pending) = asking.pending.as_ref().filter(|pending| pending.borrow().is_none()) {
            return Some(pending.clone());
        }
        if !asking.may_ask(Instant::now()) {
            return None;
        }
        let (tell, told) = watch::channel(None);
        asking.pending = Some(told.clone());
        let standing = self.clone();
        tokio::spawn(async move {
            let ended = standing.0.oauth.ask(&wanted).await;
            if let Err(error) = &ended {
                tracing::warn!(%error, "nobody has signed in");
            }
            standing.asking().ended(Instant::now(), ended.is_ok());
            // Who asked may have given up.
            let _ = tell.send(Some(ended.map_err(Arc::new)));
        });
        Some(told)
    }
}

impl Asking {
    /// Whether a person is to be asked now.
    fn may_ask(&self, now: Instant) -> bool {
        self.unanswered < MOST_UNANSWERED && self.rests_until.is_none_or(|end| now >= end)
    }

    /// A sign-in has ended.
    fn ended(&mut self, now: Instant, signed_in: bool) {
        (self.unanswered, self.rests_until) = if signed_in { (0, None) } else { (self.unanswered + 1, Some(now + REST)) };
    }
}

#[async_trait]
impl Credentials for Standing {
    async fn pass(&self, asked: &Asked<'_>) -> crate::Result<Option<Pass>> {
        self.0.oauth.pass(asked).await
    }

    async fn challenged(&self, challenge: &Challenge<'_>) -> crate::Result<Retry> {
        let wanted = match self.0.oauth.answer(challenge).await? {
            Step::Settled(retry) => return Ok(retry),
            Step::Person(wanted) => wanted,
        };
        let Some(mut asked) = self.asked(wanted) else { return Ok(Retry::GiveUp) };
        match timeout(self.0.patience, asked.wait_for(Option::is_some)).await {
            Ok(Ok(ended)) => match &*ended {
                Some(Ok(retry)) => Ok(*retry),
                Some(Err(error)) => Err(crate::Error::authorization(Shared(Arc::clone(error)))),
                None => Ok(Retry::GiveUp),
            },
            Ok(Err(_)) | Err(_) => Ok(Retry::GiveUp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_sign_in_is_left_in_peace_and_after_some_times_for_good() {
        let (mut asking, mut now) = (Asking::default(), Instant::now());
        for _ in 0..MOST_UNANSWERED {
            assert!(asking.may_ask(now));
            asking.ended(now, false);
            assert!(!asking.may_ask(now + REST / 2));
            now += REST;
        }
        assert!(!asking.may_ask(now + REST * 1_000));
        asking.ended(now, true);
        assert!(asking.may_ask(now));
    }
}
