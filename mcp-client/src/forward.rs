//! Requests of somebody else, passed on as they are, and answers passed back.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use mcp_core::LogLevel;
use serde_json::value::RawValue;

use crate::client::Client;
use crate::draft::Draft;
use crate::error::Result;
use crate::handler::{LogMessage, Offers, Progress};
use crate::inner::Inner;
use crate::list::Listed;
use crate::round::{InputRequest, Round};
use crate::session_task::SessionTask;
use crate::task::TaskState;

/// What a forwarded request led to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Forwarded {
    /// Its result, as the server wrote it.
    Result(Box<RawValue>),
    /// Questions: the request is to be repeated with their answers and this state.
    Questions(Vec<Question>, Option<Box<RawValue>>),
    /// A task, whose result is to be waited for.
    Task(Box<Pending>),
}

/// A question of the server, as it wrote it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question {
    /// What the answer is to be called.
    pub key: String,
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: String,
    /// Its parameters.
    pub params: Box<RawValue>,
}

impl From<(String, InputRequest)> for Question {
    fn from((key, request): (String, InputRequest)) -> Self {
        Self { key, method: request.method, params: request.params.unwrap_or_else(|| RawValue::NULL.to_owned()) }
    }
}

/// A task of the server that stands for the answer to a forwarded request.
pub struct Pending {
    inner: Arc<Inner>,
    first: First,
    draft: Draft,
}

/// What was first said of a task.
enum First {
    /// Of the extension.
    Extension(TaskState),
    /// Of a session.
    Session(SessionTask),
}

impl First {
    fn id(&self) -> &str {
        match self {
            Self::Extension(first) => &first.task.id,
            Self::Session(first) => &first.task.id,
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("task", &self.first.id()).finish_non_exhaustive()
    }
}

impl Pending {
    /// Whether it is a session's, made because the request said so.
    pub fn is_of_session(&self) -> bool {
        matches!(self.first, First::Session(_))
    }

    /// Waits for the result. `ask` has the server's questions answered; those of a session come as they do of any call.
    ///
    /// Dropping the future cancels the task.
    ///
    /// # Errors
    /// When the task fails or is cancelled, or the server cannot be asked for it.
    pub async fn result(self, ask: &dyn AskBack) -> Result<Box<RawValue>> {
        match self.first {
            First::Extension(first) => self.inner.await_task(first, &self.draft, ask).await,
            First::Session(first) => self.inner.await_session_task(first, &self.draft).await,
        }
    }
}

/// Has questions of the server answered by whoever made the forwarded request.
#[async_trait::async_trait]
pub trait AskBack: Send + Sync {
    /// Answers by the keys of the questions.
    ///
    /// # Errors
    /// When they cannot be answered.
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(String, Box<RawValue>)>>;
}

/// A request of somebody else, which is sent as it is.
///
/// Dropping the future of [`Forward::send`] cancels the request at the server.
#[must_use = "a request is sent by `send`"]
#[derive(Clone)]
pub struct Forward {
    inner: Arc<Inner>,
    draft: Draft,
}

impl std::fmt::Debug for Forward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forward").field("method", &self.draft.method).finish_non_exhaustive()
    }
}

impl Client {
    /// A request of somebody else that names something: `key` is `name` or `uri`.
    pub fn forward(&self, method: &'static str, key: &'static str, name: &str) -> Forward {
        Forward { inner: Arc::clone(&self.0), draft: Draft::naming(method, key, name.to_owned()) }
    }

    /// A request of somebody else that names nothing.
    pub fn forward_unnamed(&self, method: &'static str) -> Forward {
        Forward { inner: Arc::clone(&self.0), draft: Draft::new(method) }
    }

    /// Every entry of a list, as the server wrote it: `tools`, `resources`, `resourceTemplates` or `prompts`.
    ///
    /// # Errors
    /// When the list cannot be had.
    pub async fn entries(&self, method: &'static str, key: &str) -> Result<Vec<Box<RawValue>>> {
        Ok(self.listed(method, key).await?.entries)
    }

    /// The same, and for whom the list is.
    ///
    /// # Errors
    /// As [`Client::entries`].
    pub async fn listed(&self, method: &'static str, key: &str) -> Result<Listed> {
        self.0.listed(Draft::new(method), key).await
    }

    /// Whether the connection has ended, so that no request can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.0.router.has_ended()
    }
}

impl Forward {
    /// Sets a parameter.
    pub fn param(mut self, key: &'static str, value: Box<RawValue>) -> Self {
        self.draft.params.set_raw(key, value);
        self
    }

    /// Sets a member of `_meta`.
    pub fn meta(mut self, key: String, value: Box<RawValue>) -> Self {
        self.draft.meta.set_raw(key, value);
        self
    }

    /// Sends a header over HTTP in place of what the client sends by that name; `None` sends none.
    pub fn header(mut self, name: HeaderName, value: Option<HeaderValue>) -> Self {
        self.draft.headers.push((name, value));
        self
    }

    /// What the one who makes the request can be asked, in revisions where each request says so.
    pub fn offers(mut self, offers: Offers) -> Self {
        self.draft.offers = Some(offers);
        self
    }

    /// Whether a task may be made of it, in revisions where each request says so.
    pub fn tasks(mut self, accepts: bool) -> Self {
        self.draft.tasks = Some(accepts);
        self
    }

    /// Has a task made of it, in the revision of sessions where the request says so (2025-11-25, basic/utilities/tasks). For
    /// tools that say in `execution` that they can be tasks.
    pub fn as_task(self) -> Self {
        self.param("task", RawValue::from_string("{}".to_owned()).expect("an empty object is valid JSON"))
    }

    /// Asks for log messages of this request, from a severity on, in revisions where each request does.
    pub fn log(mut self, level: LogLevel, hear: impl Fn(LogMessage) + Send + Sync + 'static) -> Self {
        self.draft.log_level = Some(level);
        self.draft.hearing.log = Some(Arc::new(hear));
        self
    }

    /// Asks the server to tell how far it is. Called by the task that reads the connection, so it should be quick.
    pub fn on_progress(mut self, hear: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.draft.hearing.progress = Some(Arc::new(hear));
        self
    }

    /// Hears that the server would let go of the connection while the call goes on, and when it wants to see the client again
    /// (extension `io.mcp-parity/release-connection`). Called by the task that reads the connection, so it should be quick.
    pub fn on_release(mut self, hear: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.draft.hearing.release = Some(Arc::new(hear));
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// The server's error, or why there is no answer.
    pub async fn send(&self) -> Result<Forwarded> {
        let result = self.inner.send(&self.draft).await?;
        let pending = |first| Forwarded::Task(Box::new(Pending { inner: Arc::clone(&self.inner), first, draft: self.draft.clone() }));
        if !self.inner.revision().has_result_type() {
            let task = self.draft.params.get("task").and_then(|_| SessionTask::of(&result));
            return Ok(task.map_or(Forwarded::Result(result), |first| pending(First::Session(first))));
        }
        Ok(match Round::of(&result)? {
            Round::Complete => Forwarded::Result(result),
            Round::InputRequired { requests, state } => Forwarded::Questions(requests.into_iter().map(Into::into).collect(), state),
            Round::Task(first) => pending(First::Extension(first)),
        })
    }
}
