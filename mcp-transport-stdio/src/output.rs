//! The one writer: replies in order, flushed when nothing more is at hand.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use mcp_core::Outlet;

/// How much is held back at most before it is written, in bytes.
const HELD_BACK: usize = 64 * 1_024;
/// For how long a reply may be held back while further requests are answered.
const PATIENCE: Duration = Duration::from_millis(2);

/// Where replies and notifications are written, each followed by a newline.
#[derive(Debug)]
pub(crate) struct Output<W> {
    inner: Mutex<Inner<W>>,
    outlet: Outlet,
    /// Whether the writer thread will look after what is held back.
    watched: AtomicBool,
}

#[derive(Debug)]
struct Inner<W> {
    writer: W,
    held_back: Vec<u8>,
    failed: bool,
}

impl<W: Write> Inner<W> {
    fn flush(&mut self) {
        if self.held_back.is_empty() || self.failed {
            self.held_back.clear();
            return;
        }
        let written = self.writer.write_all(&self.held_back).and_then(|()| self.writer.flush());
        if let Err(error) = written {
            // The client has closed its end; there is nobody left to tell.
            tracing::debug!(%error, "the client no longer reads");
            self.failed = true;
        }
        self.held_back.clear();
    }

    fn push(&mut self, message: &[u8]) {
        if message.is_empty() {
            return;
        }
        self.held_back.extend_from_slice(message);
        self.held_back.push(b'\n');
        if self.held_back.len() >= HELD_BACK {
            self.flush();
        }
    }
}

impl<W: Write> Output<W> {
    pub(crate) fn new(writer: W, outlet: Outlet) -> Arc<Self> {
        let inner = Inner { writer, held_back: Vec::with_capacity(8 * 1_024), failed: false };
        Arc::new(Self { inner: Mutex::new(inner), outlet, watched: AtomicBool::new(false) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner<W>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a reply after everything that calls have sent before it.
    ///
    /// With `more`, another request is at hand: the reply may wait for the next one, but
    /// not for longer than the writer thread's patience.
    pub(crate) fn reply(&self, message: &[u8], more: bool, writer_thread: &Thread) {
        let mut inner = self.lock();
        while let Some(frame) = self.outlet.pop() {
            inner.push(&frame);
        }
        inner.push(message);
        if !more {
            inner.flush();
        } else if !inner.held_back.is_empty() && !self.watched.swap(true, Ordering::AcqRel) {
            drop(inner);
            writer_thread.unpark();
        }
    }

    /// Writes what was held back.
    pub(crate) fn flush(&self) {
        self.lock().flush();
    }

    /// Whether the client no longer reads.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// Writes what calls send until the outlet is closed and empty; runs on a thread of its own.
    pub(crate) fn pump(&self) {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut cx = Context::from_waker(&waker);
        loop {
            match self.outlet.poll_ready(&mut cx) {
                Poll::Ready(true) => {
                    let mut inner = self.lock();
                    while let Some(frame) = self.outlet.pop() {
                        inner.push(&frame);
                    }
                    inner.flush();
                    if inner.failed {
                        self.outlet.close();
                    }
                }
                Poll::Ready(false) => {
                    self.flush();
                    return;
                }
                Poll::Pending if self.watched.load(Ordering::Acquire) => {
                    std::thread::park_timeout(PATIENCE);
                    self.watched.store(false, Ordering::Release);
                    self.flush();
                }
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A writer that is gone; used when there is nothing to write to.
pub(crate) fn broken_pipe() -> io::Error {
    io::Error::from(io::ErrorKind::BrokenPipe)
}
