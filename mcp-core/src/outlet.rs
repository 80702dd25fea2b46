//! How a running call reaches its client: a bounded queue of finished frames.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;

/// Most frames that wait in one outlet before its writers wait.
const CAPACITY: usize = 64;
/// Most frames that wait in one outlet when a writer that cannot wait sends one more. What one read brings from another server is
/// passed on in one go, and should not be lost to that.
const BURST: usize = 1_024;

/// A bounded queue of frames from calls to a transport.
///
/// The transport reads frames in order with [`Outlet::poll_next`]; a call that sends
/// faster than the client reads waits. Costs no allocation until something is sent.
#[derive(Clone, Debug, Default)]
pub struct Outlet(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    reader: Option<Waker>,
    writers: Vec<Waker>,
    closed: bool,
    release: Option<Duration>,
}

/// The client can no longer be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client can no longer be reached")]
pub struct Disconnected;

impl Outlet {
    /// An empty, open outlet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An outlet for a client that cannot receive anything but the answer.
    pub fn closed() -> Self {
        let outlet = Self::new();
        outlet.close();
        outlet
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one frame, waiting while the client is behind.
    ///
    /// Cancel safe: a frame is either queued whole or not at all.
    ///
    /// # Errors
    /// [`Disconnected`] once the transport has closed the outlet.
    pub async fn send(&self, frame: Bytes) -> Result<(), Disconnected> {
        let mut frame = Some(frame);
        poll_fn(|cx| {
            let mut queue = self.queue();
            if queue.closed {
                return Poll::Ready(Err(Disconnected));
            }
            if queue.frames.len() >= CAPACITY {
                queue.writers.push(cx.waker().clone());
                return Poll::Pending;
            }
            queue.frames.extend(frame.take());
            if let Some(reader) = queue.reader.take() {
                reader.wake();
            }
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Sends one frame if there is room, for callers that cannot wait.
    ///
    /// # Errors
    /// [`Disconnected`] when the outlet is closed or full.
    pub fn try_send(&self, frame: Bytes) -> Result<(), Disconnected> {
        let mut queue = self.queue();
        if queue.closed || queue.frames.len() >= BURST {
            return Err(Disconnected);
        }
        queue.frames.push_back(frame);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
        Ok(())
    }

    /// Takes the next frame; `None` once the outlet is closed and empty.
    pub fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut queue = self.queue();
        if let Some(frame) = queue.frames.pop_front() {
            for writer in queue.writers.drain(..) {
                writer.wake();
            }
            return Poll::Ready(Some(frame));
        }
        if queue.closed {
            return Poll::Ready(None);
        }
        match &mut queue.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            reader => *reader = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Waits until a frame is there, without taking it; `false` once the outlet is closed and empty.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut queue = self.queue();
        if !queue.frames.is_empty() {
            return Poll::Ready(true);
        }
        if queue.closed {
            return Poll::Ready(false);
        }
        match &mut queue.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            reader => *reader = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Takes a frame that is there already.
    pub fn pop(&self) -> Option<Bytes> {
        let mut queue = self.queue();
        let frame = queue.frames.pop_front()?;
        for writer in queue.writers.drain(..) {
            writer.wake();
        }
        Some(frame)
    }

    /// Asks again to let go of the connection, when the request was taken too early to act on.
    pub fn request_release(&self, retry: Duration) {
        self.release(retry);
    }

    /// Asks the transport to let go of the connection and have the client come back after `retry`.
    pub(crate) fn release(&self, retry: Duration) {
        let mut queue = self.queue();
        queue.release = Some(retry);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
    }

    /// Whether the call asked to let go of the connection, and after what time the client should return.
    pub fn take_release(&self) -> Option<Duration> {
        self.queue().release.take()
    }

    /// Whether nothing waits to be taken.
    pub fn is_empty(&self) -> bool {
        self.queue().frames.is_empty()
    }

    /// Whether the transport has closed the outlet.
    pub fn is_closed(&self) -> bool {
        self.queue().closed
    }

    /// Refuses further frames and wakes everybody who waits.
    pub fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        for writer in queue.writers.drain(..) {
            writer.wake();
        }
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
    }
}
