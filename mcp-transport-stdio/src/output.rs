//! The one writer: replies in order, flushed when nothing more is at hand.

use std::future::poll_fn;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, Thread};
use std::time::Duration;

use mcp_core::Outlet;
use tokio::sync::Notify;

/// How much is held back at most before it is written, in bytes.
const HELD_BACK: usize = 64 * 1_024;
/// The most that is written at once, in bytes: what a pipe holds.
const PIECE: usize = 64 * 1_024;
/// The same after the end of input, so that a slow reader shows.
const LAST_PIECE: usize = 4 * 1_024;
/// For how long a reply may be held back while further requests are answered.
const PATIENCE: Duration = Duration::from_millis(2);

/// Where replies and notifications are written, each followed by a newline.
#[derive(Debug)]
pub(crate) struct Output<W> {
    inner: Mutex<Inner<W>>,
    outlet: Outlet,
    /// How many bytes the writer takes without making anybody wait.
    room: fn(&W) -> usize,
    /// Whether the writer thread will look after what is held back.
    watched: AtomicBool,
    /// Whether the writer thread is to write what calls sent.
    behind: AtomicBool,
    /// Told when it has.
    caught_up: Notify,
    /// Whether calls send nothing more.
    ended: AtomicBool,
    progress: Arc<Progress>,
}

/// How far the writing is, for who does not write.
#[derive(Debug, Default)]
struct Progress {
    /// How many bytes were written.
    written: AtomicU64,
    /// Whether nothing more is asked.
    is_last: AtomicBool,
}

#[derive(Debug)]
struct Inner<W> {
    writer: W,
    held_back: Vec<u8>,
    failed: bool,
    progress: Arc<Progress>,
}

impl<W: Write> Inner<W> {
    fn flush(&mut self) {
        if self.held_back.is_empty() || self.failed {
            self.held_back.clear();
            return;
        }
        if let Err(error) = self.write().and_then(|()| self.writer.flush()) {
            // The client has closed its end; there is nobody left to tell.
            tracing::debug!(%error, "the client no longer reads");
            self.failed = true;
        }
        self.held_back.clear();
    }

    fn write(&mut self) -> io::Result<()> {
        let mut rest = &*self.held_back;
        while !rest.is_empty() {
            let most = if self.progress.is_last.load(Ordering::Relaxed) { LAST_PIECE } else { PIECE };
            let (piece, after) = rest.split_at(rest.len().min(most));
            self.writer.write_all(piece)?;
            self.progress.written.fetch_add(piece.len() as u64, Ordering::Relaxed);
            rest = after;
        }
        Ok(())
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
    pub(crate) fn new(writer: W, room: fn(&W) -> usize, outlet: Outlet) -> Arc<Self> {
        let progress = Arc::<Progress>::default();
        let inner = Inner { writer, held_back: Vec::with_capacity(8 * 1_024), failed: false, progress: Arc::clone(&progress) };
        Arc::new(Self {
            inner: Mutex::new(inner),
            outlet,
            room,
            watched: AtomicBool::default(),
            behind: AtomicBool::default(),
            caught_up: Notify::new(),
            ended: AtomicBool::default(),
            progress,
        })
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

    /// Whether a reply waits for the next one.
    pub(crate) fn holds_back(&self) -> bool {
        self.watched.load(Ordering::Acquire)
    }

    /// How many bytes were written so far, also while somebody writes.
    pub(crate) fn written(&self) -> u64 {
        self.progress.written.load(Ordering::Relaxed)
    }

    /// Nothing more is asked; from now on it counts how the client reads.
    pub(crate) fn end_of_input(&self) {
        self.progress.is_last.store(true, Ordering::Relaxed);
    }

    /// Writes what was held back.
    pub(crate) fn flush(&self) {
        self.lock().flush();
    }

    /// Whether the client no longer reads.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// Has written what calls send, until the outlet is closed and empty.
    ///
    /// The task that awaits this runs after the calls that were ready with it, so that what they send goes out in one piece. It writes by itself what the
    /// writer has room for, which spares waking the writer thread; it never waits for a client that does not read.
    pub(crate) async fn deliver(&self, writer_thread: &Thread) {
        while poll_fn(|cx| self.outlet.poll_ready(cx)).await {
            if !self.write_if_room() {
                self.behind.store(true, Ordering::Release);
                writer_thread.unpark();
                self.caught_up.notified().await;
            }
        }
        self.ended.store(true, Ordering::Release);
        writer_thread.unpark();
    }

    /// Writes what calls sent if that makes nobody wait, and says whether all of it is written.
    fn write_if_room(&self) -> bool {
        let mut inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        let room = (self.room)(&inner.writer);
        while inner.held_back.len() < room {
            let Some(frame) = self.outlet.pop() else {
                inner.flush();
                if inner.failed {
                    self.outlet.close();
                }
                return true;
            };
            inner.held_back.extend_from_slice(&frame);
            inner.held_back.push(b'\n');
        }
        false
    }

    /// Writes whatever would make somebody wait, until calls send nothing more; runs on a thread of its own.
    pub(crate) fn pump(&self) {
        loop {
            if self.behind.swap(false, Ordering::AcqRel) {
                let mut inner = self.lock();
                while let Some(frame) = self.outlet.pop() {
                    inner.push(&frame);
                }
                inner.flush();
                if inner.failed {
                    self.outlet.close();
                }
                drop(inner);
                self.caught_up.notify_one();
            } else if self.ended.load(Ordering::Acquire) {
                self.flush();
                return;
            } else if self.watched.load(Ordering::Acquire) {
                thread::park_timeout(PATIENCE);
                self.watched.store(false, Ordering::Release);
                if !self.behind.load(Ordering::Acquire) {
                    self.flush();
                }
            } else {
                thread::park();
            }
        }
    }
}

/// A writer that is gone; used when there is nothing to write to.
pub(crate) fn broken_pipe() -> io::Error {
    io::Error::from(io::ErrorKind::BrokenPipe)
}
