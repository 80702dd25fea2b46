//! Where questions and log messages of the upstream arrive that do not say which call they are about.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mcp_client::{ClientHandler, LogMessage, Offers, Refusal};
use mcp_core::Context;
use serde_json::value::RawValue;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

/// Most questions of one call that wait to be asked.
const MOST_WAITING: usize = 16;
/// How long a question that is about no call waits for one.
const PATIENCE: Duration = Duration::from_secs(30);

/// A question, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) params: Box<RawValue>,
    pub(crate) answer: oneshot::Sender<Result<Box<RawValue>, Refusal>>,
}

/// The calls of one caller on one connection.
#[derive(Debug)]
pub(crate) struct Desk {
    offers: Offers,
    /// Whether the calls of all times are one session's, so that a question may wait for the next.
    session: bool,
    calls: Mutex<Calls>,
    entered: Notify,
}

#[derive(Debug, Default)]
struct Calls {
    next: u64,
    open: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    number: u64,
    cx: Context,
    questions: mpsc::Sender<Asked>,
}

impl Desk {
    pub(crate) fn new(offers: Offers, session: bool) -> Self {
        Self { offers, session, calls: Mutex::default(), entered: Notify::new() }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a call that is made; returns its number and where its questions arrive.
    pub(crate) fn enter(&self, cx: &Context) -> (u64, mpsc::Receiver<Asked>) {
        let (questions, receiver) = mpsc::channel(MOST_WAITING);
        let mut calls = self.calls();
        calls.next += 1;
        let number = calls.next;
        calls.open.push(Call { number, cx: cx.clone(), questions });
        drop(calls);
        self.entered.notify_waiters();
        (number, receiver)
    }

    /// A call goes on in another request of its caller.
    pub(crate) fn renew(&self, number: u64, cx: &Context) {
        if let Some(call) = self.calls().open.iter_mut().find(|call| call.number == number) {
            call.cx = cx.clone();
        }
    }

    /// Where a question goes: all calls here are one caller's, and the last one is the likeliest to be what it is about.
    ///
    /// Some servers ask as soon as they are connected, a moment before the call that they were connected for. Without
    /// a session the next call may be somebody else's, whom nothing is asked that came of the last.
    async fn asked_of(&self) -> Option<mpsc::Sender<Asked>> {
        loop {
            let entered = self.entered.notified();
            {
                let calls = self.calls();
                match calls.open.last() {
                    Some(call) => return Some(call.questions.clone()),
                    None if !self.session && calls.next > 0 => return None,
                    None => {}
                }
            }
            entered.await;
        }
    }

    /// A call is over.
    pub(crate) fn leave(&self, number: u64) {
        self.calls().open.retain(|call| call.number != number);
    }
}

#[async_trait]
impl ClientHandler for Desk {
    fn offers(&self) -> Offers {
        self.offers
    }

    async fn answer(&self, method: &str, params: &RawValue) -> Option<Result<Box<RawValue>, Refusal>> {
        let questions = timeout(PATIENCE, self.asked_of()).await.ok().flatten();
        let nobody = || Some(Err(Refusal::new("nobody is there to be asked")));
        let Some(questions) = questions else { return nobody() };
        let (answer, answered) = oneshot::channel();
        let asked = Asked { method: method.to_owned(), params: params.to_owned(), answer };
        if questions.send(asked).await.is_err() {
            return nobody();
        }
        answered.await.map_or_else(|_| nobody(), Some)
    }

    fn log(&self, message: LogMessage) {
        let cx = self.calls().open.last().map(|call| call.cx.clone());
        if let Some(cx) = cx {
            crate::request::tell(&cx, &message);
        }
    }
}
