//! Tasks: calls that go on after they were answered (extension `io.modelcontextprotocol/tasks`).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::access::Principal;
use crate::call::{Asking, CallState, Question};
use crate::dispatch::Shared;
use crate::json::Object;
use crate::runtime::{rfc3339, unix_seconds};

/// Most tasks kept at once, most of them over.
const MAX_TASKS: usize = 10_000;
/// How often a client is asked to look, in milliseconds.
const POLL_INTERVAL_MS: u64 = 500;

/// The tasks of this process.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<HashMap<Arc<str>, Arc<TaskEntry>>>);

/// One task.
pub(crate) struct TaskEntry {
    pub(crate) id: Arc<str>,
    owner: Arc<str>,
    created: SystemTime,
    ttl: Duration,
    shared: Arc<Shared>,
    /// The call, as long as it runs: what it was sent with is not kept for as long as its result.
    call: Weak<CallState>,
    state: Mutex<TaskState>,
}

struct TaskState {
    status: Status,
    updated: SystemTime,
    open: BTreeMap<String, (Question, oneshot::Sender<Box<RawValue>>)>,
}

enum Status {
    Working,
    Completed(String),
    Failed(String),
    Cancelled,
}

impl Status {
    fn is_over(&self) -> bool {
        !matches!(self, Self::Working)
    }
}

impl Tasks {
    fn table(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<TaskEntry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a task of a call; `None` when there are too many.
    pub(crate) fn create(&self, call: &Arc<CallState>, ttl: Duration) -> Option<Arc<TaskEntry>> {
        let now = call.shared.runtime.now();
        let mut table = self.table();
        if table.len() >= MAX_TASKS {
            table.retain(|_, task| !task.has_expired(now));
        }
        let owner = call.principal.binding();
        let running = table.values().filter(|task| !task.state().status.is_over());
        let (running, own) = running.fold((0, 0), |(all, own), task| (all + 1, own + usize::from(task.owner == owner)));
        // Tasks run like calls, and one caller must not take all places.
        let most = call.shared.limits.max_in_flight;
        if running >= most || own >= most.div_ceil(2) {
            return None;
        }
        if table.len() >= MAX_TASKS {
            // Of those that are over, the one that was looked at least lately makes room.
            let over = table.values().filter(|task| task.state().status.is_over());
            let oldest = over.min_by_key(|task| task.state().updated).map(|task| Arc::clone(&task.id))?;
            table.remove(&oldest);
        }
        let id: Arc<str> = format!("{:032x}", u128::from_be_bytes(crate::seal::random())).into();
        let state = TaskState { status: Status::Working, updated: now, open: BTreeMap::new() };
        let task = Arc::new(TaskEntry {
            id: Arc::clone(&id),
            owner,
            created: now,
            ttl,
            shared: Arc::clone(&call.shared),
            call: Arc::downgrade(call),
            state: Mutex::new(state),
        });
        table.insert(id, Arc::clone(&task));
        Some(task)
    }

    /// The caller's own task of this id, unless it has expired.
    pub(crate) fn find(&self, id: &str, principal: &Principal, now: SystemTime) -> Option<Arc<TaskEntry>> {
        let mut table = self.table();
        let task = table.get(id).filter(|task| task.owner == principal.binding()).cloned()?;
        if task.has_expired(now) {
            table.remove(id);
            return None;
        }
        Some(task)
    }
}

impl TaskEntry {
    fn state(&self) -> MutexGuard<'_, TaskState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> SystemTime {
        self.shared.runtime.now()
    }

    /// Whether the task is over and was kept for as long as was promised.
    fn has_expired(&self, now: SystemTime) -> bool {
        self.state().status.is_over() && unix_seconds(now) > unix_seconds(self.created + self.ttl)
    }

    /// Shows a question in the task's state and waits for its answer.
    pub(crate) async fn ask(&self, question: Question) -> Box<RawValue> {
        let (send, receive) = oneshot::channel();
        {
            let mut state = self.state();
            state.updated = self.now();
            state.open.insert(question.key.clone(), (question, send));
        }
        self.tell();
        match receive.await {
            Ok(answer) => answer,
            // The task was cancelled; its future is about to be dropped.
            Err(_) => std::future::pending().await,
        }
    }

    /// Delivers answers; those to questions that are not open are ignored.
    pub(crate) fn answer(&self, answers: HashMap<String, Box<RawValue>>) {
        let mut delivered = false;
        let mut state = self.state();
        for (key, answer) in answers {
            if answer.get().starts_with('{')
                && let Some((_, waiting)) = state.open.remove(&key)
            {
                let _ = waiting.send(answer);
                state.updated = self.now();
                delivered = true;
            }
        }
        drop(state);
        if delivered {
            self.tell();
        }
    }

    pub(crate) fn cancel(&self) {
        {
            let mut state = self.state();
            if state.status.is_over() {
                return;
            }
            state.status = Status::Cancelled;
            state.updated = self.now();
            state.open.clear();
        }
        if let Some(call) = self.call.upgrade() {
            call.control.cancel();
        }
        self.over();
    }

    /// Records how the call ended: a result object, or an error object.
    pub(crate) fn finish(&self, outcome: Result<String, String>) {
        {
            let mut state = self.state();
            if state.status.is_over() {
                return;
            }
            state.status = match outcome {
                Ok(result) => Status::Completed(result),
                Err(error) => Status::Failed(error),
            };
            state.updated = self.now();
            state.open.clear();
        }
        self.over();
    }

    /// Lets go of the call, which knows the task as the task knows it, and tells listeners.
    fn over(&self) {
        if let Some(call) = self.call.upgrade() {
            call.asks.lock().unwrap_or_else(PoisonError::into_inner).asking = Asking::Retry;
        }
        self.tell();
    }

    fn tell(&self) {
        self.shared.changes.tell(crate::changes::Change::Task(Arc::clone(&self.id)));
    }

    /// Writes the task's members; with `details`, also what belongs to its status.
    pub(crate) fn write(&self, object: &mut Object<'_>, details: bool) {
        let state = self.state();
        object.text("taskId", &self.id);
        object.text(
            "status",
            match &state.status {
                Status::Working if state.open.is_empty() || !details => "working",
                Status::Working => "input_required",
                Status::Completed(_) => "completed",
                Status::Failed(_) => "failed",
                Status::Cancelled => "cancelled",
            },
        );
        object.text("createdAt", &rfc3339(self.created));
        object.text("lastUpdatedAt", &rfc3339(state.updated));
        object.value("ttlMs", &u64::try_from(self.ttl.as_millis()).unwrap_or(u64::MAX));
        object.value("pollIntervalMs", &POLL_INTERVAL_MS);
        if !details {
            return;
        }
        match &state.status {
            Status::Working if !state.open.is_empty() => {
                write_questions(object.key("inputRequests"), state.open.values().map(|(question, _)| question));
            }
            Status::Completed(result) => object.raw("result", result),
            Status::Failed(error) => object.raw("error", error),
            Status::Working | Status::Cancelled => {}
        }
    }

    /// The members as text, for a notification.
    pub(crate) fn members(&self) -> String {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        self.write(&mut object, true);
        object.close();
        let text = String::from_utf8(out).expect("what is written here is UTF-8");
        text[1..text.len() - 1].to_owned()
    }
}

/// Writes an `InputRequests` object.
pub(crate) fn write_questions<'q>(out: &mut Vec<u8>, questions: impl Iterator<Item = &'q Question>) {
    out.push(b'{');
    for (position, question) in questions.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        crate::json::push_str(out, &question.key);
        out.push(b':');
        let mut request = Object::open(out);
        request.text("method", question.method);
        request.raw("params", &question.params);
        request.close();
    }
    out.push(b'}');
}
