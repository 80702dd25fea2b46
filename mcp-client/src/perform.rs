//! A call from beginning to end: requests, questions in between, and tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mcp_core::code;
use serde_json::value::RawValue;
use tokio::time::{sleep, timeout};

use crate::ask;
use crate::draft::Draft;
use crate::era::{self, Verdict};
use crate::error::{Error, Result};
use crate::forward::{AskBack, Question};
use crate::inner::Inner;
use crate::round::{InputRequest, Round};
use crate::task::{TaskDetails, TaskState, TaskStatus};
use crate::types::Server;

/// How long to wait before a call that only has to be repeated is repeated, more with each round.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a server may take to hear that a task is not wanted any more.
const FAREWELL: Duration = Duration::from_secs(5);

impl Inner {
    /// Makes a call and returns its final result, whatever the server asks in between.
    pub(crate) async fn perform(self: &Arc<Self>, mut draft: Draft) -> Result<Box<RawValue>> {
        for round in 1..=self.settings.limits.rounds {
            let result = self.send(&draft).await?;
            if !self.revision().has_result_type() {
                return Ok(result);
            }
            match Round::of(&result)? {
                Round::Complete => return Ok(result),
                Round::Task(task) => return Box::pin(self.await_task(task, &draft, &ByHandler(self))).await,
                Round::InputRequired { requests, state } => {
                    if requests.is_empty() {
                        draft.params.remove("inputResponses");
                        sleep(PAUSE * u32::try_from(round).unwrap_or(u32::MAX)).await;
                    } else {
                        draft.params.set("inputResponses", &self.answer(requests).await?)?;
                    }
                    // The state goes back as it is, and only to this call.
                    match state {
                        Some(state) => draft.params.set_raw("requestState", state),
                        None => draft.params.remove("requestState"),
                    }
                }
            }
        }
        Err(Error::Unsupported(format!("the server asked for input {} times without coming to an end", self.settings.limits.rounds)))
    }

    /// Has the handler answer what a call needs to know.
    async fn answer(&self, requests: BTreeMap<String, InputRequest>) -> Result<BTreeMap<String, Box<RawValue>>> {
        let mut answers = BTreeMap::new();
        for (key, request) in requests {
            let params = request.params.as_deref().unwrap_or(RawValue::NULL);
            let answer = ask::answer(&**self.router.handler(), self.router.offers, &request.method, params).await;
            answers.insert(key, answer.map_err(|refusal| Error::Declined(refusal.message().to_owned()))?);
        }
        Ok(answers)
    }

    /// Sends a request, once more if the server has forgotten the session, wants another version,
    /// or has changed which arguments are repeated in headers. The last two are refusals of revisions and transports that have them only: elsewhere the
    /// codes are the server's own, and it may have done what was asked.
    pub(crate) async fn send(&self, draft: &Draft) -> Result<Box<RawValue>> {
        let (mut reopened, mut revised, mut relisted) = (false, false, false);
        loop {
            let epoch = self.epoch();
            let error = match self.exchange(draft).await {
                Ok(result) => return Ok(result),
                Err(error) => error,
            };
            match &error {
                Error::SessionLost if !std::mem::replace(&mut reopened, true) => Box::pin(self.reopen(epoch)).await?,
                Error::Protocol(refusal)
                    if error.has_code(code::UNSUPPORTED_VERSION)
                        && self.server().revision.is_modern()
                        && !std::mem::replace(&mut revised, true) =>
                {
                    match era::choose(self.settings.era, &refusal.supported_versions()) {
                        Verdict::Again(revision) => self.settle(Server { revision, ..(*self.server()).clone() }),
                        _ => return Err(error),
                    }
                }
                Error::Protocol(_)
                    if error.has_code(code::HEADER_MISMATCH)
                        && self.link.mirrors()
                        && draft.method == "tools/call"
                        && !std::mem::replace(&mut relisted, true) =>
                {
                    tracing::debug!("the server refuses the headers of a call; its tools are listed again");
                    Box::pin(self.tools()).await?;
                }
                _ => return Err(error),
            }
        }
    }

    /// Looks after a task until it is over (extension `io.modelcontextprotocol/tasks`).
    pub(crate) async fn await_task(self: &Arc<Self>, first: TaskState, draft: &Draft, ask: &dyn AskBack) -> Result<Box<RawValue>> {
        let mut abandoned =
            Abandoned { inner: Arc::clone(self), task: draft.following("tasks/cancel", "taskId", &first.task.id), tell: true };
        let patience = self.settings.timeouts.task;
        let result = timeout(patience, self.watch_task(first, draft, ask)).await.unwrap_or(Err(Error::Timeout(patience)));
        abandoned.tell = matches!(result, Err(Error::Timeout(_) | Error::Declined(_)));
        result
    }

    async fn watch_task(&self, mut state: TaskState, draft: &Draft, ask: &dyn AskBack) -> Result<Box<RawValue>> {
        let id = state.task.id.clone();
        let mut answered = BTreeSet::new();
        loop {
            sleep(state.interval()).await;
            let result = self.send(&draft.following("tasks/get", "taskId", &id)).await?;
            state = serde_json::from_str(result.get()).map_err(|error| Error::unreadable(&error))?;
            let details: TaskDetails = serde_json::from_str(result.get()).map_err(|error| Error::unreadable(&error))?;
            match state.task.status {
                TaskStatus::Working => {}
                TaskStatus::InputRequired => {
                    let mut requests = details.input_requests;
                    // A question may show until the server has read its answer.
                    requests.retain(|key, _| answered.insert(key.clone()));
                    if !requests.is_empty() {
                        let mut update = draft.following("tasks/update", "taskId", &id);
                        let questions = requests.into_iter().map(Into::into).collect();
                        let answers: BTreeMap<String, Box<RawValue>> = ask.ask(questions).await?.into_iter().collect();
                        update.params.set("inputResponses", &answers)?;
                        self.send(&update).await?;
                    }
                }
                TaskStatus::Completed => return details.result.ok_or_else(|| Error::Malformed("the task has no result".to_owned())),
                TaskStatus::Failed => {
                    return Err(state.error.take().map_or_else(|| Error::Malformed("the task has no error".to_owned()), Error::Protocol));
                }
                TaskStatus::Cancelled => return Err(Error::Cancelled),
            }
        }
    }
}

/// Has the client's handler answer.
struct ByHandler<'i>(&'i Inner);

#[async_trait]
impl AskBack for ByHandler<'_> {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(String, Box<RawValue>)>> {
        let request = |question: Question| (question.key, InputRequest { method: question.method, params: Some(question.params) });
        Ok(self.0.answer(questions.into_iter().map(request).collect()).await?.into_iter().collect())
    }
}

/// A task whose result is waited for. Dropped before, it tells the server.
pub(crate) struct Abandoned {
    pub(crate) inner: Arc<Inner>,
    /// The request that cancels it.
    pub(crate) task: Draft,
    pub(crate) tell: bool,
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        let (true, Ok(runtime)) = (self.tell, tokio::runtime::Handle::try_current()) else { return };
        let (inner, cancel) = (Arc::clone(&self.inner), self.task.clone());
        runtime.spawn(async move {
            if let Ok(Err(error)) = timeout(FAREWELL, inner.exchange(&cancel)).await {
                tracing::debug!(%error, "a task could not be cancelled");
            }
        });
    }
}
