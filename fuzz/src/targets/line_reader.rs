//! Streams of arbitrary bytes over stdio, in arbitrary pieces.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use mcp_core::{BoxFuture, Connection, Dispatcher, Limits, Runtime};
use mcp_transport_stdio::{Options, serve};

use crate::harness::Random;
use crate::{Behaviour, fixture, reply};

/// Longest line the server under test reads, in bytes.
const LIMIT: usize = 600;

/// The stdio transport frames and does nothing else: what it writes are the dispatcher's own
/// answers to the lines, in order, each on a line.
pub fn line_reader(data: &[u8]) -> Behaviour {
    let expected = Expected::of(data);
    let written = write_of(data);
    let lines: Vec<&[u8]> = written.split_inclusive(|&byte| byte == b'\n').collect();
    for line in &lines {
        let line = line.strip_suffix(b"\n").unwrap_or_else(|| panic!("a line is cut off: {}", line.escape_ascii()));
        assert!(serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok(), "not JSON: {}", line.escape_ascii());
    }
    // The order of what had to wait is not settled, nor is whether it was still waiting when it was cancelled.
    if !expected.waits {
        let mut answers = expected.bytes.split_inclusive(|&byte| byte == b'\n');
        for line in lines {
            let answer = answers.next().unwrap_or_default();
            assert!(line == answer, "stdio writes\n  {}where the dispatcher answers\n  {}", text(line), text(answer));
        }
        assert!(answers.next().is_none(), "stdio does not write all that the dispatcher answers");
    }
    // Which answers there were, but not in what order.
    Behaviour::default().and(expected.behaviours).and(expected.waits)
}

fn text(line: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(line)
}

fn dispatcher() -> &'static Dispatcher {
    static DISPATCHER: OnceLock<Dispatcher> = OnceLock::new();
    DISPATCHER.get_or_init(|| {
        let limits = Limits { max_message_bytes: LIMIT, ..Limits::default() };
        Dispatcher::builder(fixture::immediate_items(), Arc::new(Tokio)).limits(limits).build().expect("the items fit together")
    })
}

/// What the dispatcher says to each line, without a transport.
struct Expected {
    bytes: Vec<u8>,
    waits: bool,
    behaviours: BTreeSet<Behaviour>,
}

impl Expected {
    fn of(data: &[u8]) -> Self {
        let mut expected = Self { bytes: Vec::new(), waits: false, behaviours: BTreeSet::new() };
        let connection = Connection::new();
        let exchange = fixture::on(&connection);
        let mut waiting = Vec::new();
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        for line in data.split(|&byte| byte == b'\n') {
            if line.len() > LIMIT {
                expected.push(&mcp_core::Reply::too_large(LIMIT));
                continue;
            }
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match fixture::answer(dispatcher(), &Bytes::copy_from_slice(line), &exchange) {
                Ok(reply) => {
                    while let Some(notification) = exchange.outlet.pop() {
                        expected.push_line(&notification);
                    }
                    expected.push(&reply);
                }
                Err(started) => waiting.push(started),
            }
        }
        expected.waits = !waiting.is_empty();
        dispatcher().disconnected(&connection);
        // Cancelled, they take themselves off the list of what runs.
        for mut started in waiting {
            let polled = std::pin::Pin::new(&mut started).poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Ready(_)), "a call outlives its connection");
        }
        expected
    }

    fn push(&mut self, reply: &mcp_core::Reply) {
        self.behaviours.insert(reply::check(reply));
        self.push_line(&reply.body);
    }

    fn push_line(&mut self, frame: &[u8]) {
        if !frame.is_empty() {
            self.bytes.extend_from_slice(frame);
            self.bytes.push(b'\n');
        }
    }
}

/// What the transport writes when it reads these bytes.
fn write_of(data: &[u8]) -> Vec<u8> {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime =
        RUNTIME.get_or_init(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime needs nothing"));
    let pipe = Pipe::default();
    let reader = Pieces { rest: data.to_vec(), random: Random::new(data) };
    let served = runtime.block_on(serve(dispatcher().clone(), Options::default(), reader, pipe.clone(), std::future::pending()));
    assert!(served.is_ok(), "serving memory failed: {served:?}");
    std::mem::take(&mut *pipe.lock())
}

/// Gives its bytes out in pieces whose lengths depend on them.
struct Pieces {
    rest: Vec<u8>,
    random: Random,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = *self.random.one_of(&[1, 2, 7, 64, 4_096]);
        let length = self.rest.len().min(buffer.len()).min(1 + self.random.below(most));
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest.drain(..length);
        Ok(length)
    }
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Tokio, for the core.
struct Tokio;

impl Runtime for Tokio {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move { tokio::time::sleep(time).await })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }

    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>) {
        tokio::task::spawn_blocking(work);
    }
}
