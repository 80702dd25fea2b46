//! What the tests of a served pipe share.

use std::time::Duration;

use mcp_core::{BoxFuture, Runtime};

/// The runtime of the test.
pub(crate) struct Tokio;

impl Runtime for Tokio {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        drop(tokio::spawn(task));
    }

    fn spawn_blocking(&self, work: Box<dyn FnOnce() + Send>) {
        drop(tokio::task::spawn_blocking(work));
    }
}
