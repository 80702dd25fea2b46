//! A call while it runs: polled in place, cancelled from outside, ended by a time-out.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use super::in_flight::{Registered, Scope};
use super::render::{self, Kind};
use super::reply::{Envelope, Reply};
use super::request_state;
use crate::call::{Answer, Asking, BoxFuture, CallState, Context};
use crate::tool_error::ToolError;

/// A call that did not answer at once. Completes with its reply; dropping it cancels the call.
///
/// Cancel safe: progress is kept between polls.
#[must_use = "a call runs only while it is polled"]
pub struct RunningCall {
    work: BoxFuture<'static, Answer>,
    call: Arc<CallState>,
    kind: Kind,
    envelope: Envelope,
    scope: Option<Scope>,
    registered: Option<Registered>,
    timeout: Option<Duration>,
    deadline: Option<BoxFuture<'static, ()>>,
    over: bool,
    /// Whether another server answers.
    pub(super) foreign: bool,
}

impl std::fmt::Debug for RunningCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunningCall").field("target", &self.call.target).finish_non_exhaustive()
    }
}

impl RunningCall {
    pub(super) fn new(
        work: BoxFuture<'static, Answer>,
        call: Arc<CallState>,
        kind: Kind,
        envelope: Envelope,
        scope: Scope,
        timeout: Option<Duration>,
    ) -> Self {
        Self { work, call, kind, envelope, scope: Some(scope), registered: None, timeout, deadline: None, over: false, foreign: false }
    }

    /// Has the call known to messages that come after it.
    pub(super) fn register(&mut self) {
        if self.registered.is_none()
            && let Some(scope) = self.scope.take()
        {
            self.registered = Some(self.call.shared.in_flight.register(scope, &self.call, matches!(self.kind, Kind::Listen)));
        }
    }

    fn finish(&mut self, answer: Answer) -> Reply {
        self.over = true;
        self.registered = None;
        render::reply(&self.call, &self.kind, self.envelope, answer)
    }

    fn cancelled(&mut self) -> Reply {
        self.over = true;
        self.registered = None;
        self.call.note.conclude(crate::Verdict::Cancelled);
        Reply::cancelled()
    }

    fn timed_out(&mut self, cx: &mut TaskContext<'_>) -> Option<Duration> {
        let timeout = self.timeout?;
        let deadline = self.deadline.get_or_insert_with(|| self.call.shared.runtime.sleep(timeout));
        deadline.as_mut().poll(cx).is_ready().then_some(timeout)
    }

    /// Hands the work to the background and answers with the task.
    fn become_task(&mut self) -> Reply {
        let answer = match start_task(&self.call) {
            Some(task) => {
                let work = std::mem::replace(&mut self.work, Box::pin(std::future::pending()));
                let background = Self {
                    work,
                    call: Arc::clone(&self.call),
                    kind: self.kind.clone(),
                    envelope: Envelope::Bare,
                    scope: None,
                    registered: None,
                    timeout: self.timeout,
                    deadline: None,
                    over: false,
                    foreign: self.foreign,
                };
                background.call.asks.lock().unwrap_or_else(PoisonError::into_inner).asking = Asking::Task(Arc::clone(&task));
                let reply = render::task_created(&self.call, self.envelope, &task);
                run_task(background, task);
                self.over = true;
                self.registered = None;
                return reply;
            }
            None => Answer::error(ToolError::new("the server keeps too many tasks; try again later")),
        };
        self.finish(answer)
    }
}

/// Makes a task of a call.
pub(super) fn start_task(call: &Arc<CallState>) -> Option<Arc<crate::tasks::TaskEntry>> {
    call.shared.tasks.create(call, call.shared.limits.task_ttl)
}

/// Runs a call to its end in the background and records how it ended.
pub(super) fn run_task(running: RunningCall, task: Arc<crate::tasks::TaskEntry>) {
    let runtime = Arc::clone(&running.call.shared.runtime);
    runtime.spawn(Box::pin(async move {
        let reply = running.await;
        let text = String::from_utf8_lossy(&reply.body);
        match text.strip_prefix("{\"error\":").and_then(|rest| rest.strip_suffix('}')) {
            Some(error) => task.finish(Err(error.to_owned())),
            None if reply.body.is_empty() => task.cancel(),
            None => task.finish(Ok(text.into_owned())),
        }
    }));
}

impl RunningCall {
    /// A call that runs as a task from the start.
    pub(super) fn in_background(work: BoxFuture<'static, Answer>, call: Arc<CallState>, kind: Kind, timeout: Option<Duration>) -> Self {
        let envelope = Envelope::Bare;
        Self { work, call, kind, envelope, scope: None, registered: None, timeout, deadline: None, over: false, foreign: false }
    }
}

impl Future for RunningCall {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Reply> {
        let this = self.get_mut();
        if this.call.control.is_cancelled() {
            return Poll::Ready(this.cancelled());
        }
        match catch_unwind(AssertUnwindSafe(|| this.work.as_mut().poll(cx))) {
            Ok(Poll::Ready(answer)) => return Poll::Ready(this.finish(answer)),
            Err(_) => return Poll::Ready(this.finish(Answer::panicked())),
            Ok(Poll::Pending) => {}
        }
        let context = Context(Arc::clone(&this.call));
        let (has_questions, wants_task) = {
            let asks = context.asks();
            (!asks.open.is_empty(), asks.wants_task && matches!(asks.asking, Asking::Retry))
        };
        if has_questions {
            this.over = true;
            this.registered = None;
            return Poll::Ready(request_state::input_required(&this.call, this.envelope, this.kind.method()));
        }
        if wants_task {
            return Poll::Ready(this.become_task());
        }
        if let Some(timeout) = this.timed_out(cx) {
            let message = format!("`{}` did not finish within {}", this.call.target, in_words(timeout));
            return Poll::Ready(this.finish(Answer::error(ToolError::new(message))));
        }
        this.register();
        this.call.control.register(cx.waker());
        if this.call.control.is_cancelled() {
            return Poll::Ready(this.cancelled());
        }
        Poll::Pending
    }
}

impl Drop for RunningCall {
    fn drop(&mut self) {
        // Tells work that has a thread of its own that nobody waits for it any more.
        if !self.over {
            self.call.control.cancel();
            self.call.note.conclude(crate::Verdict::Cancelled);
        }
    }
}

fn in_words(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}
