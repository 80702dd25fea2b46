//! Streams that can be resumed with `Last-Event-ID`
//! (2025-11-25, basic/transports, "Resumability and Redelivery").

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mcp_core::{Outlet, Started};

use crate::sse::push_event;

/// Most events one stream keeps.
const MAX_EVENTS: usize = 1_000;
/// Most bytes one stream keeps, but for its last event.
const MAX_STREAM_BYTES: usize = 1_024 * 1_024;
/// How many events a call may be ahead of a client that reads.
const MAX_AHEAD: u64 = 64;
/// Most bytes all streams keep together.
const MAX_BYTES: usize = 64 * 1_024 * 1_024;
/// Most streams kept.
const MAX_STREAMS: usize = 10_000;
/// For how long a stream that is over is kept.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// Tells sessions apart.
pub(crate) type SessionKey = [u8; 24];

/// The streams that can be resumed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    streams: HashMap<u64, Arc<Log>>,
    /// The streams that are over, in the order in which they ended, and when.
    over: VecDeque<(Instant, u64)>,
    /// Bytes kept by all streams.
    bytes: Arc<AtomicUsize>,
}

impl Table {
    /// Gives up streams that are over: those kept long enough, then the oldest, until the rest is within the limits.
    fn trim(&mut self) {
        while let Some(&(ended, number)) = self.over.front() {
            let within = self.bytes.load(Ordering::Relaxed) <= MAX_BYTES && self.streams.len() < MAX_STREAMS;
            if within && ended.elapsed() < KEPT_FOR {
                return;
            }
            self.over.pop_front();
            self.streams.remove(&number);
        }
    }
}

/// What one stream has sent.
#[derive(Debug)]
pub(crate) struct Log {
    number: u64,
    session: SessionKey,
    state: Mutex<State>,
    all_bytes: Arc<AtomicUsize>,
}

impl Drop for Log {
    fn drop(&mut self) {
        let bytes = self.state().bytes;
        self.all_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct State {
    events: VecDeque<Bytes>,
    bytes: usize,
    /// Number of the first event kept; the priming event is number 0.
    first: u64,
    over: bool,
    release: Option<Duration>,
    /// The responses that read it, each with a number of its own.
    readers: Vec<(u64, Option<Waker>)>,
    next_reader: u64,
    /// The next event of the response that is being read now.
    reading: Option<u64>,
    /// The call, when it waits for its reader.
    writer: Option<Waker>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            first: 1,
            over: false,
            release: None,
            readers: Vec::new(),
            next_reader: 0,
            reading: None,
            writer: None,
        }
    }
}

impl State {
    /// The number of the event that comes next.
    fn end(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    /// Whether a client that is reading is so far behind that the call should wait for it.
    fn is_ahead(&self) -> bool {
        self.reading.is_some_and(|next| self.end() > next.saturating_add(MAX_AHEAD))
    }
}

impl Streams {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a call in the background and logs what it sends; gives the call back when too many streams are kept.
    pub(crate) fn run(&self, session: SessionKey, call: Started, outlet: Outlet) -> Result<Arc<Log>, Box<Started>> {
        let log = {
            let mut table = self.table();
            table.trim();
            if table.streams.len() >= MAX_STREAMS {
                return Err(Box::new(call));
            }
            table.next += 1;
            let log = Arc::new(Log { number: table.next, session, state: Mutex::default(), all_bytes: Arc::clone(&table.bytes) });
            table.streams.insert(log.number, Arc::clone(&log));
            log
        };
        let (streams, recorded) = (self.clone(), Arc::clone(&log));
        tokio::spawn(async move {
            let number = recorded.number;
            record(recorded, call, outlet).await;
            let mut table = streams.table();
            if table.streams.contains_key(&number) {
                table.over.push_back((Instant::now(), number));
            }
            table.trim();
        });
        Ok(log)
    }

    /// Gives up the streams of a session that has ended.
    pub(crate) fn forget(&self, session: Option<SessionKey>) {
        self.table().streams.retain(|_, log| Some(log.session) != session);
    }

    /// The stream that an event id belongs to, and the number of the next event.
    pub(crate) fn find(&self, session: SessionKey, event_id: &str) -> Option<(Arc<Log>, u64)> {
        let (stream, event) = event_id.split_once('-')?;
        let log = Arc::clone(self.table().streams.get(&u64::from_str_radix(stream, 16).ok()?)?);
        let next = event.parse::<u64>().ok()?.checked_add(1)?;
        let sent = next <= log.state().end();
        (log.session == session && sent).then_some((log, next))
    }
}

impl Log {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn event_id(&self, event: u64) -> String {
        format!("{:x}-{event}", self.number)
    }

    /// As [`State::is_ahead`]; the call is woken when that changes.
    fn is_ahead(&self, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        let ahead = state.is_ahead();
        if ahead {
            state.writer = Some(cx.waker().clone());
        }
        ahead
    }

    fn push(&self, frame: Bytes) {
        let mut state = self.state();
        state.bytes += frame.len();
        self.all_bytes.fetch_add(frame.len(), Ordering::Relaxed);
        state.events.push_back(frame);
        let too_many = |state: &State| state.events.len() > MAX_EVENTS || (state.bytes > MAX_STREAM_BYTES && state.events.len() > 1);
        // What a client that reads has not had yet is not given up.
        while too_many(&state) && state.reading.is_none_or(|next| state.first < next) {
            if let Some(dropped) = state.events.pop_front() {
                state.bytes -= dropped.len();
                self.all_bytes.fetch_sub(dropped.len(), Ordering::Relaxed);
                state.first += 1;
            }
        }
        wake(&mut state);
    }
}

fn wake(state: &mut State) {
    for waker in state.readers.iter_mut().filter_map(|(_, waker)| waker.take()) {
        waker.wake();
    }
}

/// Moves a call's frames and its answer into its log.
async fn record(log: Arc<Log>, mut call: Started, outlet: Outlet) {
    let reply = std::future::poll_fn(|cx| {
        let answer = Pin::new(&mut call).poll(cx);
        let before = log.state().events.len();
        while !log.is_ahead(cx) {
            match outlet.pop() {
                Some(frame) => log.push(frame),
                None => break,
            }
        }
        if answer.is_pending() {
            // Registers for what is sent next; nothing is there now.
            if (has_news(&outlet, cx) && !log.is_ahead(cx)) || log.state().events.len() > before {
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
    while let Some(frame) = outlet.pop() {
        log.push(frame);
    }
    if !reply.body.is_empty() {
        log.push(reply.body);
    }
    let mut state = log.state();
    state.over = true;
    wake(&mut state);
}

/// One response's place in a log.
#[derive(Debug)]
pub(crate) struct Reader {
    log: Arc<Log>,
    number: u64,
    next: u64,
    /// Whether the call may have this response end early.
    releases: bool,
}

impl Reader {
    /// Reads on from event number `next`.
    pub(crate) fn new(log: Arc<Log>, next: u64, releases: bool) -> Self {
        let number = {
            let mut state = log.state();
            state.reading = Some(next);
            state.next_reader += 1;
            let number = state.next_reader;
            state.readers.push((number, None));
            number
        };
        Self { log, number, next, releases }
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
        state.reading = Some(self.next);
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
        if state.over {
            return true;
        }
        if self.releases
            && let Some(retry) = state.release.take()
        {
            out.extend_from_slice(format!("retry: {}\n\n", retry.as_millis()).as_bytes());
            return true;
        }
        if let Some((_, waker)) = state.readers.iter_mut().find(|(number, _)| *number == self.number) {
            *waker = Some(cx.waker().clone());
        }
        false
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.log.state();
        state.readers.retain(|(number, _)| *number != self.number);
        // A call does not wait for a client that has left.
        state.reading = None;
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
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
