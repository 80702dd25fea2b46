//! Asking the client while a call runs: the user, its model, its roots.
//!
//! One call serves every era. Where the server may send requests, the question goes out on the
//! call's stream and the answer comes back in. Where it may not, the call ends with
//! `input_required`, and when the client repeats it, the function runs again and finds the
//! answers it was given. In a task, the question shows in the task's state.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::sync::{Arc, MutexGuard, PoisonError};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{BoxFuture, Context};
use crate::content::{Content, Role};
use crate::json::Object;
use crate::protocol::capabilities::ClientCapability;
use crate::protocol::error::code;
use crate::schema;
use crate::tasks::TaskEntry;
use crate::tool_error::ToolError;
use crate::validate;

/// How a call's questions reach the client.
#[derive(Clone)]
pub(crate) enum Asking {
    /// The call ends and is repeated with the answers (2026-07-28, basic/patterns/mrtr).
    Retry,
    /// As a request on the call's stream (2025-11-25 and earlier).
    Stream,
    /// In the state of the task that the call became.
    Task(Arc<TaskEntry>),
}

/// A question that waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) key: String,
    pub(crate) method: &'static str,
    pub(crate) params: String,
}

/// What a call asked and was told.
pub(crate) struct Asks {
    pub(crate) asking: Asking,
    /// Answers of this and earlier rounds, by key.
    pub(crate) answers: BTreeMap<String, Box<RawValue>>,
    /// Results of steps that must not be repeated, by key.
    pub(crate) memo: BTreeMap<String, Box<RawValue>>,
    /// Questions of this round.
    pub(crate) open: Vec<Question>,
    /// Whether the function asked to go on as a task.
    pub(crate) wants_task: bool,
    count: u32,
}

impl Asks {
    pub(crate) fn new(asking: Asking) -> Self {
        Self { asking, answers: BTreeMap::new(), memo: BTreeMap::new(), open: Vec::new(), wants_task: false, count: 0 }
    }
}

/// What a person did with a request for input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Elicited<T> {
    /// Filled it in.
    Accepted(T),
    /// Said no.
    Declined,
    /// Closed it without saying.
    Cancelled,
}

impl<T> Elicited<T> {
    /// The input, if it was given.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(input) => Some(input),
            Self::Declined | Self::Cancelled => None,
        }
    }

    /// The name of the action on the wire.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accept",
            Self::Declined => "decline",
            Self::Cancelled => "cancel",
        }
    }
}

/// A directory the client lets the server work in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// `file:` URI.
    pub uri: String,
    /// A name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A request for input, answered when awaited.
#[must_use = "a question is asked when it is awaited"]
pub struct Elicit<T> {
    cx: Context,
    key: Option<String>,
    message: String,
    what: What,
    answer: PhantomData<fn() -> T>,
}

enum What {
    Form(Value),
    Url(String),
}

impl<T> std::fmt::Debug for Elicit<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Elicit").field("message", &self.message).finish_non_exhaustive()
    }
}

impl<T> Elicit<T> {
    /// Names the question, which otherwise is named by its place in the call.
    ///
    /// Needed when the questions a function asks depend on something that may change between rounds.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Replaces the schema of the form, as when it is only known at run time.
    pub fn schema(mut self, schema: Value) -> Self {
        self.what = What::Form(schema);
        self
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Elicit<T> {
    type Output = Result<Elicited<T>, ToolError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let revision = self.cx.revision();
            let (capability, params, schema) = match self.what {
                What::Form(schema) => {
                    let mut params = json!({"message": self.message, "requestedSchema": schema});
                    if revision.has_url_elicitation() {
                        params["mode"] = json!("form");
                    }
                    (ClientCapability::ElicitationForm, params, Some(schema))
                }
                What::Url(url) => {
                    let mut params = json!({"mode": "url", "message": self.message, "url": url});
                    if revision.has_elicitation_id() {
                        params["elicitationId"] = json!(new_id());
                    }
                    (ClientCapability::ElicitationUrl, params, None)
                }
            };
            let exists = match capability {
                ClientCapability::ElicitationUrl => revision.has_url_elicitation(),
                _ => revision.has_elicitation(),
            };
            if !exists {
                return Err(ToolError::missing_capability(capability));
            }
            let read = move |answer: &RawValue| read_elicited(answer, schema.as_ref());
            self.cx.ask(capability, self.key, "elicitation/create", params, read).await
        })
    }
}

#[derive(Deserialize)]
struct ElicitResult {
    action: String,
    content: Option<Value>,
}

fn read_elicited<T: DeserializeOwned>(answer: &RawValue, schema: Option<&Value>) -> Option<Elicited<T>> {
    let answer: ElicitResult = serde_json::from_str(answer.get()).ok()?;
    match (answer.action.as_str(), schema) {
        ("decline", _) => Some(Elicited::Declined),
        ("cancel", _) => Some(Elicited::Cancelled),
        ("accept", Some(schema)) => {
            let content = answer.content?;
            if !validate::validate(schema, &content).is_empty() {
                return None;
            }
            serde_json::from_value(content).ok().map(Elicited::Accepted)
        }
        ("accept", None) => serde_json::from_value(Value::Null).ok().map(Elicited::Accepted),
        _ => None,
    }
}

/// A request to the client's model (2024-11-05, client/sampling).
#[derive(Clone, Debug, Default)]
pub struct Sample {
    key: Option<String>,
    messages: Vec<(Option<Role>, Content)>,
    system: Option<String>,
    max_tokens: u32,
    temperature: Option<f64>,
    extra: serde_json::Map<String, Value>,
}

impl Sample {
    /// Asks with one message of the user, for at most 1,000 tokens.
    pub fn new(prompt: impl Into<Content>) -> Self {
        Self { messages: vec![(Some(Role::User), prompt.into())], max_tokens: 1_000, ..Self::default() }
    }

    /// Names the question, which otherwise is named by its place in the call.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Adds a message.
    #[must_use]
    pub fn message(mut self, role: Role, content: impl Into<Content>) -> Self {
        self.messages.push((Some(role), content.into()));
        self
    }

    /// Sets the system prompt.
    #[must_use]
    pub fn system(mut self, prompt: impl Into<String>) -> Self {
        self.system = Some(prompt.into());
        self
    }

    /// Sets the most tokens to sample.
    #[must_use]
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }

    /// Sets the temperature.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Sets any other member of the request, as `modelPreferences`.
    #[must_use]
    pub fn with(mut self, member: impl Into<String>, value: Value) -> Self {
        self.extra.insert(member.into(), value);
        self
    }

    fn params(&self, revision: crate::Revision) -> Value {
        let messages: Vec<Value> = self
            .messages
            .iter()
            .map(|(role, content)| {
                let mut block = Vec::new();
                content.write(&mut block, revision);
                let block: Value = serde_json::from_slice(&block).unwrap_or_default();
                json!({"role": role.unwrap_or(Role::User), "content": block})
            })
            .collect();
        let mut params = serde_json::Map::new();
        params.insert("messages".to_owned(), messages.into());
        params.insert("maxTokens".to_owned(), self.max_tokens.into());
        if let Some(system) = &self.system {
            params.insert("systemPrompt".to_owned(), system.as_str().into());
        }
        if let Some(temperature) = self.temperature {
            params.insert("temperature".to_owned(), temperature.into());
        }
        params.extend(self.extra.clone());
        Value::Object(params)
    }
}

/// What the client's model said.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// The text of the answer, blocks joined by newlines.
    pub text: String,
    /// The model that was used.
    pub model: String,
    /// Why it stopped.
    pub stop_reason: Option<String>,
    /// The content as it came.
    pub content: Value,
}

fn read_sampled(answer: &RawValue) -> Option<Sampled> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct CreateMessageResult {
        content: Value,
        model: String,
        stop_reason: Option<String>,
    }
    let answer: CreateMessageResult = serde_json::from_str(answer.get()).ok()?;
    let blocks = match &answer.content {
        Value::Array(blocks) => blocks.as_slice(),
        block => std::slice::from_ref(block),
    };
    let texts: Vec<&str> = blocks.iter().filter_map(|block| block.get("text")?.as_str()).collect();
    let text = texts.join("\n");
    Some(Sampled { text, model: answer.model, stop_reason: answer.stop_reason, content: answer.content })
}

impl Context {
    /// Asks the user for input of type `T`, a flat struct of strings, numbers, booleans and enums.
    ///
    /// An enum's variants are shown by their titles or doc comments, and a `Vec` of one lets
    /// the user choose several.
    ///
    /// ```
    /// use mcp_core::{Context, Elicited, ToolError};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Confirmation {
    ///     /// Delete them?
    ///     sure: bool,
    /// }
    ///
    /// async fn may_delete(cx: &Context) -> Result<bool, ToolError> {
    ///     let answer = cx.elicit::<Confirmation>("Delete 3 files?").await?;
    ///     Ok(matches!(answer, Elicited::Accepted(Confirmation { sure: true })))
    /// }
    /// ```
    ///
    /// # Errors
    /// When the client cannot ask, or the connection is gone. The future does not complete when
    /// the call has to be repeated: whatever follows it runs in the repeated call.
    pub fn elicit<T: DeserializeOwned + JsonSchema + Send + 'static>(&self, message: impl Into<String>) -> Elicit<T> {
        self.elicitation(message.into(), What::Form(schema::form::<T>(self.revision())))
    }

    /// Asks the user for input with a schema that is only known at run time.
    pub fn elicit_form(&self, message: impl Into<String>, schema: Value) -> Elicit<Value> {
        self.elicitation(message.into(), What::Form(schema))
    }

    /// Sends the user to a URL, for what must not pass through the client, as a password.
    pub fn elicit_url(&self, message: impl Into<String>, url: impl Into<String>) -> Elicit<()> {
        self.elicitation(message.into(), What::Url(url.into()))
    }

    fn elicitation<T>(&self, message: String, what: What) -> Elicit<T> {
        Elicit { cx: self.clone(), key: None, message, what, answer: PhantomData }
    }

    /// Asks the client's model.
    ///
    /// # Errors
    /// When the client has no sampling or refuses.
    pub async fn sample(&self, sample: Sample) -> Result<Sampled, ToolError> {
        let params = sample.params(self.revision());
        let capability = if sample.extra.contains_key("tools") { ClientCapability::SamplingTools } else { ClientCapability::Sampling };
        self.ask(capability, sample.key, "sampling/createMessage", params, read_sampled).await
    }

    /// Asks for the directories the client lets the server work in.
    ///
    /// # Errors
    /// When the client has no roots or refuses.
    pub async fn roots(&self) -> Result<Vec<Root>, ToolError> {
        self.named_roots(None).await
    }

    /// As [`Context::roots`], with a name for the question.
    ///
    /// # Errors
    /// When the client has no roots or refuses.
    pub async fn named_roots(&self, key: Option<&str>) -> Result<Vec<Root>, ToolError> {
        #[derive(Deserialize)]
        struct ListRootsResult {
            roots: Vec<Root>,
        }
        let read = |answer: &RawValue| serde_json::from_str(answer.get()).ok().map(|answer: ListRootsResult| answer.roots);
        self.ask(ClientCapability::Roots, key.map(str::to_owned), "roots/list", json!({}), read).await
    }

    /// Runs a step once, however often the call is repeated to collect answers.
    ///
    /// The result travels with the client, sealed, so it should be small.
    ///
    /// # Errors
    /// Those of the step, and when its result cannot be written as JSON.
    pub async fn once<T, F>(&self, key: &str, step: F) -> Result<T, ToolError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, ToolError>>,
    {
        if let Some(known) = self.asks().memo.get(key) {
            return Ok(serde_json::from_str(known.get())?);
        }
        let value = step.await?;
        let raw = serde_json::value::to_raw_value(&value)?;
        self.asks().memo.insert(key.to_owned(), raw);
        Ok(value)
    }

    /// Goes on as a task, if the tool is marked `task = "on_demand"`.
    ///
    /// Questions asked before are answered before the client gets the task; those asked after
    /// show in the task's state.
    ///
    /// # Errors
    /// When the client does not accept tasks.
    pub async fn become_task(&self) -> Result<(), ToolError> {
        if matches!(self.asks().asking, Asking::Task(_)) {
            return Ok(());
        }
        if !self.revision().is_modern() || !self.client_can(ClientCapability::Tasks) {
            return Err(ToolError::missing_capability(ClientCapability::Tasks));
        }
        self.asks().wants_task = true;
        self.0.control.wake();
        std::future::poll_fn(|cx| {
            if matches!(self.asks().asking, Asking::Task(_)) {
                return std::task::Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        Ok(())
    }

    pub(crate) fn asks(&self) -> MutexGuard<'_, Asks> {
        self.0.asks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks until the answer can be read.
    async fn ask<T>(
        &self,
        capability: ClientCapability,
        key: Option<String>,
        method: &'static str,
        params: Value,
        read: impl Fn(&RawValue) -> Option<T>,
    ) -> Result<T, ToolError> {
        if !self.client_can(capability) {
            return Err(ToolError::missing_capability(capability));
        }
        let (key, asking) = {
            let mut asks = self.asks();
            asks.count += 1;
            let place = asks.count;
            (key.unwrap_or_else(|| format!("{}-{place}", method.replace('/', "-"))), asks.asking.clone())
        };
        let params = params.to_string();
        match asking {
            Asking::Retry => {
                {
                    let mut asks = self.asks();
                    if let Some(answer) = asks.answers.get(&key).and_then(|answer| read(answer)) {
                        return Ok(answer);
                    }
                    asks.answers.remove(&key);
                    asks.open.push(Question { key, method, params });
                }
                self.0.control.wake();
                std::future::pending().await
            }
            Asking::Task(task) => {
                let mut round = 0;
                loop {
                    // A key is never used twice in the life of a task.
                    let key = if round == 0 { key.clone() } else { format!("{key}-{round}") };
                    let answer = task.ask(Question { key, method, params: params.clone() }).await;
                    if let Some(answer) = read(&answer) {
                        return Ok(answer);
                    }
                    round += 1;
                }
            }
            Asking::Stream => {
                let answer = self.ask_on_stream(method, &params).await.map_err(|unanswered| unanswered.error(method))?;
                read(&answer).ok_or_else(|| ToolError::new(format!("the client's answer to {method} does not fit what was asked")))
            }
        }
    }

    pub(super) async fn ask_on_stream(&self, method: &str, params: &str) -> Result<Box<RawValue>, Unanswered> {
        let Some(session) = &self.0.session else { return Err(Unanswered::NoSession) };
        let id = new_id();
        let waiting = self.0.shared.questions.wait_for(&id, session.id());
        let mut out = Vec::with_capacity(params.len() + 96);
        let mut frame = Object::open(&mut out);
        frame.raw("jsonrpc", "\"2.0\"");
        frame.text("id", &id);
        frame.text("method", method);
        frame.raw("params", params);
        frame.close();
        if self.0.outlet.send(out.into()).await.is_err() {
            return Err(Unanswered::NoStream);
        }
        waiting.answer().await.ok_or(Unanswered::Left)?.map_err(|error| Unanswered::refused(&error))
    }
}

/// Why a question on the stream has no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    NoSession,
    NoStream,
    Left,
    /// The client refused, with this code and in these words.
    Refused {
        code: i32,
        why: String,
    },
}

impl Unanswered {
    fn refused(error: &RawValue) -> Self {
        #[derive(Deserialize)]
        struct Refusal {
            #[serde(default)]
            code: Option<i32>,
            message: String,
        }
        match serde_json::from_str::<Refusal>(error.get()) {
            Ok(Refusal { code, message }) => Self::Refused { code: code.unwrap_or(code::INTERNAL_ERROR), why: message },
            Err(_) => Self::Refused { code: code::INTERNAL_ERROR, why: "without a reason".to_owned() },
        }
    }

    /// What a handler that asked `method` is told.
    pub(super) fn error(self, method: &str) -> ToolError {
        ToolError::new(match self {
            Self::NoSession => "asking the client needs a session".to_owned(),
            Self::NoStream => format!("the client cannot be asked ({method}): it takes no stream"),
            Self::Left => format!("the client left without answering {method}"),
            Self::Refused { why, .. } => format!("the client refused {method}: {why}"),
        })
    }
}

/// An id that nobody can guess.
fn new_id() -> String {
    format!("{:032x}", u128::from_be_bytes(crate::seal::random()))
}
