//! Streams that can be resumed with `Last-Event-ID`
//! (2025-11-25, basic/transports, "Resumability and Redelivery").

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mcp_core::{Outlet, Started};

use crate::sse::push_event;

/// Most events one stream keeps.
const MAX_EVENTS: usize = 1_000;
/// Most streams kept.
const MAX_STREAMS: usize = 10_000;
/// For how long a stream that is over is kept.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// Tells sessions apart.
pub(crate) type SessionKey = [u8; 16];

/// The streams that can be resumed.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    streams: HashMap<u64, Arc<Log>>,
}

/// What one stream has sent.
#[derive(Debug)]
pub(crate) struct Log {
    number: u64,
    session: SessionKey,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    events: VecDeque<Bytes>,
    /// Number of the first event kept; the priming event is number 0.
    first: u64,
    over: Option<Instant>,
    release: Option<Duration>,
    readers: Vec<Waker>,
}

impl Streams {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a call in the background and logs what it sends.
    pub(crate) fn run(&self, session: SessionKey, call: Started, outlet: Outlet) -> Arc<Log> {
        let log = {
            let mut table = self.table();
            if table.streams.len() >= MAX_STREAMS {
                table.streams.retain(|_, log| log.state().over.is_none_or(|over| over.elapsed() < KEPT_FOR));
            }
            if table.streams.len() >= MAX_STREAMS
                && let Some(oldest) = table.streams.values().filter(|log| log.state().over.is_some()).map(|log| log.number).min()
            {
                table.streams.remove(&oldest);
            }
            table.next += 1;
            let state = State { events: VecDeque::new(), first: 1, over: None, release: None, readers: Vec::new() };
            let log = Arc::new(Log { number: table.next, session, state: Mutex::new(state) });
            table.streams.insert(log.number, Arc::clone(&log));
            log
        };
        tokio::spawn(record(Arc::clone(&log), call, outlet));
        log
    }

    /// The stream that an event id belongs to, and the number of the next event.
    pub(crate) fn find(&self, session: SessionKey, event_id: &str) -> Option<(Arc<Log>, u64)> {
        let (stream, event) = event_id.split_once('-')?;
        let log = Arc::clone(self.table().streams.get(&u64::from_str_radix(stream, 16).ok()?)?);
        (log.session == session).then_some(())?;
        Some((log, event.parse::<u64>().ok()?.checked_add(1)?))
    }
}

impl Log {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn event_id(&self, event: u64) -> String {
        format!("{:x}-{event}", self.number)
    }

    fn push(&self, frame: Bytes) {
        let mut state = self.state();
        if state.events.len() >= MAX_EVENTS {
            state.events.pop_front();
            state.first += 1;
        }
        state.events.push_back(frame);
        wake(&mut state);
    }
}

fn wake(state: &mut State) {
    for reader in state.readers.drain(..) {
        reader.wake();
    }
}

/// Moves a call's frames and its answer into its log.
async fn record(log: Arc<Log>, mut call: Started, outlet: Outlet) {
    let reply = std::future::poll_fn(|cx| {
        let answer = Pin::new(&mut call).poll(cx);
        let before = log.state().events.len();
        while let Some(frame) = outlet.pop() {
            log.push(frame);
        }
        if answer.is_pending() {
            // Registers for what is sent next; nothing is there now.
            if has_news(&outlet, cx) || log.state().events.len() > before {
                cx.waker().wake_by_ref();
            }
            if let Some(retry) = outlet.take_release() {
                let mut state = log.state();
                state.release = Some(retry);
                wake(&mut state);
            }
        }
        answer
    })
    .await;
    if !reply.body.is_empty() {
        log.push(reply.body);
    }
    let mut state = log.state();
    state.over = Some(Instant::now());
    wake(&mut state);
}

/// One response's place in a log.
#[derive(Debug)]
pub(crate) struct Reader {
    log: Arc<Log>,
    next: u64,
    /// Whether the call may have this response end early.
    releases: bool,
}

impl Reader {
    /// Reads on from event number `next`.
    pub(crate) fn new(log: Arc<Log>, next: u64, releases: bool) -> Self {
        Self { log, next, releases }
    }

    /// Appends the events that are there; returns whether there will be no more.
    pub(crate) fn poll_events(&mut self, cx: &mut Context<'_>, out: &mut BytesMut) -> bool {
        let mut state = self.log.state();
        // Events that were dropped cannot be had again; go on with what is left.
        self.next = self.next.max(state.first);
        while let Some(frame) = state.events.get((self.next - state.first) as usize) {
            push_event(out, Some("message"), Some(&self.log.event_id(self.next)), frame);
            self.next += 1;
        }
        if state.over.is_some() {
            return true;
        }
        if self.releases
            && let Some(retry) = state.release.take()
        {
            out.extend_from_slice(format!("retry: {}\n\n", retry.as_millis()).as_bytes());
            return true;
        }
        state.readers.push(cx.waker().clone());
        false
    }
}

/// The event that gives a client its first id (2025-11-25).
pub(crate) fn priming_event(log: &Log, retry: Duration) -> Bytes {
    Bytes::from(format!("id: {}\nretry: {}\ndata:\n\n", log.event_id(0), retry.as_millis()))
}

/// Whether a poll would find something at once; used to decide on a stream.
pub(crate) fn has_news(outlet: &Outlet, cx: &mut Context<'_>) -> bool {
    matches!(outlet.poll_ready(cx), Poll::Ready(true))
}
