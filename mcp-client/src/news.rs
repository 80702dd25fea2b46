//! Changes that wait to be heard, each once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::Error;
use crate::listen::{Change, Filter};

/// Most changes that wait. A listener that is further behind is told that it missed some.
const MOST_WAITING: usize = 1_024;

/// What one listener has not heard yet.
///
/// A change that waits already is not added again: it says to look, and looking once is enough.
#[derive(Debug)]
pub(crate) struct News {
    /// The id of the `subscriptions/listen` request, in the revision that has it.
    pub(crate) subscription: Option<u64>,
    pub(crate) filter: Filter,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Change>,
    granted: Option<Filter>,
    ended: Option<Option<Error>>,
    waker: Option<Waker>,
}

impl News {
    pub(crate) fn new(subscription: Option<u64>, filter: Filter) -> Self {
        Self { subscription, filter, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Adds a change, unless it waits already.
    pub(crate) fn push(&self, change: Change) {
        self.update(|state| {
            if let Some(known) = state.waiting.iter_mut().find(|known| known.is_about_the_same_as(&change)) {
                *known = change;
            } else if state.waiting.len() < MOST_WAITING {
                state.waiting.push_back(change);
            } else {
                state.waiting.clear();
                state.waiting.push_back(Change::Missed);
            }
        });
    }

    /// The server says what it will tell.
    pub(crate) fn grant(&self, filter: Filter) {
        self.update(|state| state.granted = Some(filter));
    }

    /// There will be no more; with an error, unless the server ended it in good order.
    pub(crate) fn end(&self, error: Option<Error>) {
        self.update(|state| {
            if state.ended.is_none() {
                state.ended = Some(error);
            }
        });
    }

    /// What the server will tell, once it said so; `None` when it ended before.
    pub(crate) fn poll_granted(&self, cx: &mut Context<'_>) -> Poll<Option<Filter>> {
        let mut state = self.state();
        if state.granted.is_some() || state.ended.is_some() {
            return Poll::Ready(state.granted.clone());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The next change. After the last, the error that ended it, and then nothing.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Change, Error>>> {
        let mut state = self.state();
        if let Some(change) = state.waiting.pop_front() {
            return Poll::Ready(Some(Ok(change)));
        }
        if let Some(ended) = &mut state.ended {
            return Poll::Ready(ended.take().map(Err));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(news: &News) -> Option<String> {
        match news.poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(Ok(change))) => Some(format!("{change:?}")),
            Poll::Ready(Some(Err(error))) => Some(error.to_string()),
            Poll::Ready(None) => Some("over".to_owned()),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_change_is_heard_once_and_the_end_last() {
        let news = News::new(None, Filter::default());
        assert_eq!(next(&news), None);
        for change in [Change::Tools, Change::Resource("a:b".to_owned()), Change::Tools] {
            news.push(change);
        }
        news.end(Some(Error::Cancelled));
        news.end(None);
        for heard in ["Tools", "Resource(\"a:b\")", "the call was cancelled", "over", "over"] {
            assert_eq!(next(&news).as_deref(), Some(heard));
        }
    }

    #[test]
    fn a_listener_far_behind_is_told_so_and_holds_no_more() {
        let news = News::new(None, Filter::default());
        for number in 0..=MOST_WAITING {
            news.push(Change::Resource(format!("a:{number}")));
        }
        news.push(Change::Prompts);
        for heard in [Some("Missed"), Some("Prompts"), None] {
            assert_eq!(next(&news).as_deref(), heard);
        }
    }
}
