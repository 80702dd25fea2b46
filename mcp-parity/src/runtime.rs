//! The runtime the dispatcher runs on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp_core::{BoxFuture, Runtime};

/// Tokio, for the core.
///
/// Used from within a tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioRuntime;

impl Runtime for TokioRuntime {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }

    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>) {
        struct Running;
        impl Drop for Running {
            fn drop(&mut self) {
                BLOCKED.fetch_sub(1, Ordering::Relaxed);
            }
        }
        BLOCKED.fetch_add(1, Ordering::Relaxed);
        let running = Running;
        tokio::task::spawn_blocking(move || {
            let _running = running;
            work();
        });
    }
}

/// How many threads are at work that may block.
static BLOCKED: AtomicUsize = AtomicUsize::new(0);

/// Ends the process if threads are still at work: the runtime would wait for them however long they take,
/// and after a shutdown nobody waits for what they do.
#[cfg(any(feature = "stdio", feature = "http"))]
pub(crate) fn leave_threads_behind() {
    let blocked = BLOCKED.load(Ordering::Relaxed);
    if blocked > 0 {
        tracing::warn!("{blocked} blocking calls did not end when they were told to; they end with the process");
        std::process::exit(0);
    }
}
