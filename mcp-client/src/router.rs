//! Where the server's messages go: to the call that waits, to the handler, to whoever listens.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use mcp_core::RELEASE_NOTIFICATION;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::ask;
use crate::error::{Error, Result};
use crate::flights::{Flights, Hearing};
use crate::handler::{ClientHandler, Offers};
use crate::listen::{Change, Filter};
use crate::news::News;
use crate::observe::Observer;
use crate::wire::{self, Answer, Message};

/// Most requests of the server that are answered at once. A server that sends more is not answered.
const MOST_ASKED: usize = 64;

/// A way to send a message that is not a request of ours.
#[async_trait]
pub(crate) trait Outbound: Send + Sync {
    /// Sends one message.
    ///
    /// Cancel safe: a message is sent whole or not at all.
    async fn send(&self, frame: Bytes) -> Result<()>;
}

/// Where the server's messages go.
pub(crate) struct Router {
    handler: Arc<dyn ClientHandler>,
    observer: Option<Arc<dyn Observer>>,
    pub(crate) offers: Offers,
    flights: Flights,
    listeners: Mutex<Vec<Weak<News>>>,
    asked: Mutex<Asked>,
    attention: Arc<Mutex<Attention>>,
    /// Whether the server may send requests: in the revisions with sessions.
    pub(crate) may_ask: AtomicBool,
}

/// The server's requests that the handler is answering.
#[derive(Default)]
struct Asked {
    tasks: JoinSet<()>,
    by_id: HashMap<String, AbortHandle>,
}

/// Whether the server waits for the handler, or until when it did.
#[derive(Default)]
struct Attention {
    open: usize,
    until: Option<Instant>,
}

/// What tells what a notification is about; the rest of it is for whoever that concerns.
#[derive(Default, Deserialize)]
struct About<'p> {
    #[serde(borrow, default, rename = "progressToken")]
    token: Option<&'p RawValue>,
    #[serde(borrow, default, rename = "requestId")]
    request: Option<&'p RawValue>,
    #[serde(borrow, default)]
    notifications: Option<&'p RawValue>,
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<AboutMeta<'p>>,
}

/// What the server says when it would let go of a request's connection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    request_id: u64,
    retry_ms: u64,
}

#[derive(Default, Deserialize)]
struct AboutMeta<'p> {
    #[serde(borrow, default, rename = "io.modelcontextprotocol/subscriptionId")]
    subscription: Option<&'p RawValue>,
}

impl<'p> About<'p> {
    fn of(params: &'p str) -> Self {
        serde_json::from_str(params).unwrap_or_default()
    }
}

/// An id of ours, if it is one.
fn number(id: &RawValue) -> Option<u64> {
    id.get().parse().ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Router {
    pub(crate) fn new(handler: Arc<dyn ClientHandler>, observer: Option<Arc<dyn Observer>>) -> Self {
        Self {
            offers: handler.offers(),
            handler,
            observer,
            flights: Flights::default(),
            listeners: Mutex::default(),
            asked: Mutex::default(),
            attention: Arc::default(),
            may_ask: AtomicBool::new(false),
        }
    }

    pub(crate) fn handler(&self) -> &Arc<dyn ClientHandler> {
        &self.handler
    }

    /// Shows the observer something, if there is one.
    pub(crate) fn show(&self, what: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = &self.observer {
            what(&**observer);
        }
    }

    /// Notes that a request is about to be sent; dropping what is returned forgets it.
    pub(crate) fn depart(self: &Arc<Self>, id: u64, hearing: Hearing) -> Departed {
        self.flights.depart(id, hearing);
        Departed { router: Arc::clone(self), id }
    }

    /// See [`Flights::has_ended`].
    pub(crate) fn has_ended(&self) -> bool {
        self.flights.has_ended()
    }

    /// See [`Flights::expect`].
    pub(crate) fn expect(&self, id: u64) -> Result<oneshot::Receiver<Result<Answer>>> {
        self.flights.expect(id)
    }

    /// The connection that all calls share has ended: none of them will be answered.
    pub(crate) fn ended(&self, why: &str) {
        self.flights.end(why);
        for news in self.listeners() {
            news.end(Some(Error::Closed(why.to_owned())));
        }
    }

    /// Something arrived that cannot be read and was the answer to these requests.
    pub(crate) fn lost(&self, answered: &[u64], why: &str) {
        tracing::warn!(why, ?answered, "a message of the server was lost");
        for id in answered {
            self.flights.fail(*id, Error::Malformed(why.to_owned()));
        }
    }

    /// Takes what arrived. Returns the answer to `awaited`, if that is among it; never waits.
    pub(crate) fn receive(&self, text: &[u8], outbound: &Arc<dyn Outbound>, awaited: Option<u64>) -> Option<Answer> {
        self.show(|observer| observer.received(text));
        let messages = match wire::decode(text) {
            Ok(messages) => messages,
            Err(why) => {
                tracing::warn!(%why, json = wire::is_json(text), bytes = text.len(), "the server sent what is not a message");
                return None;
            }
        };
        let mut found = None;
        for message in messages {
            match message {
                Message::Response { id: Some(id), answer } => match awaited {
                    Some(awaited) if wire::is_id(id, awaited) => found = Some(answer),
                    _ if id.get().parse().is_ok_and(|id| self.flights.answer(id, answer)) => {}
                    // The call may have been given up meanwhile.
                    _ => tracing::debug!(id = id.get(), "an answer came that nobody waits for"),
                },
                Message::Response { id: None, answer } => {
                    tracing::warn!(error = ?answer.err(), "the server reported an error that belongs to no request");
                }
                Message::Request { id, method, params } => self.asked(id, &method, params, outbound),
                Message::Notification { method, params } => self.told(&method, params, awaited),
            }
        }
        found
    }

    /// Has the handler answer a request of the server, in a task of its own: the user may take long.
    fn asked(&self, id: &RawValue, method: &str, params: Option<&RawValue>, outbound: &Arc<dyn Outbound>) {
        if !self.may_ask.load(Ordering::Acquire) {
            tracing::warn!(method, "the server sent a request, which this revision does not have");
            return;
        }
        let mut asked = lock(&self.asked);
        while asked.tasks.try_join_next().is_some() {}
        asked.by_id.retain(|_, task| !task.is_finished());
        if asked.tasks.len() >= MOST_ASKED {
            tracing::warn!(method, "the server asks too much at once; a request was dropped");
            return;
        }
        let (handler, offers, outbound) = (Arc::clone(&self.handler), self.offers, Arc::clone(outbound));
        let (method, params) = (method.to_owned(), params.unwrap_or(RawValue::NULL).to_owned());
        let (key, id) = (id.get().to_owned(), id.get().to_owned());
        let busy = Busy::new(&self.attention);
        let task = asked.tasks.spawn(async move {
            let answer = ask::answer(&*handler, offers, &method, &params).await.map_err(Into::into);
            drop(busy);
            if let Err(error) = outbound.send(wire::response(&id, &answer)).await {
                tracing::warn!(%error, method, "an answer could not be sent to the server");
            }
        });
        asked.by_id.insert(key, task);
    }

    /// Takes a notification. One that came with what answers a request of ours is about that one.
    fn told(&self, method: &str, params: Option<&RawValue>, about: Option<u64>) {
        let params = params.unwrap_or(RawValue::NULL).get();
        let subscription = About::of(params).meta.and_then(|meta| number(meta.subscription?));
        match method {
            "notifications/progress" => self.progressed(params),
            "notifications/message" => match serde_json::from_str(params) {
                Ok(message) => match about.and_then(|id| self.flights.logs(id)) {
                    Some(hear) => hear(message),
                    None => self.handler.log(message),
                },
                Err(error) => tracing::debug!(%error, "a log message cannot be read"),
            },
            "notifications/cancelled" => self.cancelled(params),
            RELEASE_NOTIFICATION => {
                if let Ok(Release { request_id, retry_ms }) = serde_json::from_str(params) {
                    self.released(request_id, Duration::from_millis(retry_ms));
                }
            }
            "notifications/subscriptions/acknowledged" => {
                let granted: Filter =
                    About::of(params).notifications.and_then(|granted| serde_json::from_str(granted.get()).ok()).unwrap_or_default();
                for news in self.listeners().into_iter().filter(|news| subscription.is_some() && news.subscription == subscription) {
                    news.grant(granted.clone());
                }
            }
            _ => match Change::read(method, params) {
                Some(change) => self.changed(&change, subscription),
                None => tracing::debug!(method, "a notification of an unknown kind came"),
            },
        }
    }

    fn progressed(&self, params: &str) {
        let Some(on_progress) = About::of(params).token.and_then(|token| self.flights.heard(number(token)?)) else { return };
        match (serde_json::from_str(params), on_progress) {
            (Ok(progress), Some(on_progress)) => on_progress(progress),
            (Ok(progress), None) => self.handler.progress(&progress),
            (Err(error), _) => tracing::debug!(%error, "a progress notification cannot be read"),
        }
    }

    /// The server would let go of a request's connection, or has done so.
    pub(crate) fn released(&self, id: u64, retry: Duration) {
        if let Some(hear) = self.flights.releases(id) {
            hear(retry);
        }
    }

    /// The server takes back a request of its own, or ends a subscription.
    fn cancelled(&self, params: &str) {
        let Some(id) = About::of(params).request else { return };
        if self.may_ask.load(Ordering::Acquire) {
            if let Some(task) = lock(&self.asked).by_id.remove(id.get()) {
                task.abort();
            }
            return;
        }
        let listeners = self.listeners().into_iter().filter(|news| news.subscription.is_some() && news.subscription == number(id));
        listeners.for_each(|news| news.end(None));
    }

    fn changed(&self, change: &Change, subscription: Option<u64>) {
        self.handler.changed(change);
        for news in self.listeners() {
            let meant = match subscription {
                Some(id) => news.subscription == Some(id),
                None => news.filter.wants(change),
            };
            if meant {
                news.push(change.clone());
            }
        }
    }

    /// Holds the server's attention while what is returned lives: somebody on this side is being waited for.
    pub(crate) fn busy(&self) -> Busy {
        Busy::new(&self.attention)
    }

    /// Of this much silence, that since nobody on this side was waited for any more.
    fn unattended(&self, silence: Duration) -> Duration {
        let attention = lock(&self.attention);
        match attention.until {
            _ if attention.open > 0 => Duration::ZERO,
            Some(until) => silence.min(until.elapsed()),
            None => silence,
        }
    }

    /// Waits for work, but not longer than this, save while somebody on this side is waited for.
    ///
    /// # Errors
    /// [`Error::Timeout`], and those of the work.
    pub(crate) async fn wait<T>(&self, patience: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
        let (started, mut work) = (Instant::now(), pin!(work));
        loop {
            let silence = self.unattended(started.elapsed());
            if silence >= patience {
                return Err(Error::Timeout(patience));
            }
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = sleep(patience - silence) => {}
            }
        }
    }

    /// Adds a listener, for as long as the caller keeps it.
    pub(crate) fn listen(&self, news: &Arc<News>) {
        let mut listeners = lock(&self.listeners);
        listeners.retain(|news| news.strong_count() > 0);
        listeners.push(Arc::downgrade(news));
    }

    /// Everybody who listens.
    pub(crate) fn listeners(&self) -> Vec<Arc<News>> {
        lock(&self.listeners).iter().filter_map(Weak::upgrade).collect()
    }

    /// Stops answering the server's requests.
    pub(crate) fn shut_down(&self) {
        lock(&self.asked).tasks.abort_all();
    }
}

/// A request of ours that was sent; dropping it forgets it.
pub(crate) struct Departed {
    router: Arc<Router>,
    id: u64,
}

impl Departed {
    /// For how long nothing was heard of it. Time in which the server waits for the handler does not count.
    pub(crate) fn silence(&self) -> Duration {
        self.router.unattended(self.router.flights.silence(self.id))
    }
}

impl Drop for Departed {
    fn drop(&mut self) {
        self.router.flights.forget(self.id);
    }
}

/// Holds the server's attention while it lives.
pub(crate) struct Busy {
    attention: Arc<Mutex<Attention>>,
    since: Instant,
}

/// What takes less is nobody who is waited for: a server could put off its answer for ever with what only looks like it.
const NOTICED: Duration = Duration::from_secs(1);

impl Busy {
    fn new(attention: &Arc<Mutex<Attention>>) -> Self {
        lock(attention).open += 1;
        Self { attention: Arc::clone(attention), since: Instant::now() }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut attention = lock(&self.attention);
        attention.open -= 1;
        if self.since.elapsed() >= NOTICED {
            attention.until = Some(Instant::now());
        }
    }
}
