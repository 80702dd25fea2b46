//! What a call tells whoever forwards it to another server, and how that server's questions are asked.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::interact::{Asking, Question, Unanswered};
use super::{BoxFuture, Context};
use crate::item::members_of;
use crate::json::Object;
use crate::protocol::capabilities::ClientCapabilities;
use crate::protocol::error::{RpcError, code};
use crate::protocol::log_level::LogLevel;
use crate::protocol::revision::Revision;

/// The step under which is kept what another server wants back with the answers to its questions.
const CARRIED: &str = "io.mcp-parity/relay";

/// A question of another server, as it asked.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// What that server calls it.
    pub key: String,
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: String,
    /// Its parameters, a JSON object.
    pub params: Box<RawValue>,
}

/// The answers to questions of another server, and what that server wants back with them.
#[derive(Debug, Default)]
pub struct Replies {
    /// By key; a refusal, in the client's own words, where it gave one.
    pub answers: BTreeMap<String, Result<Box<RawValue>, RpcError>>,
    /// What was to be kept, as it was given.
    pub carried: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    keys: Vec<String>,
    carried: Option<Box<RawValue>>,
}

impl Context {
    /// The name or URI of what is called.
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// The arguments as they came: JSON, or nothing.
    pub fn raw_arguments(&self) -> Bytes {
        self.0.arguments.clone()
    }

    /// The request's `_meta` as it came: a JSON object, or nothing.
    pub fn raw_meta(&self) -> Bytes {
        self.0.meta.clone()
    }

    /// Whether the client wants to hear how far the call is.
    pub fn wants_progress(&self) -> bool {
        self.0.progress_token.is_some()
    }

    /// The least severe log messages that the client wants, if it wants any.
    pub fn log_level(&self) -> Option<LogLevel> {
        let call = &self.0;
        if call.revision.is_modern() {
            return call.log_level;
        }
        call.session.as_ref().and_then(|session| call.shared.sessions.log_level(session))
    }

    /// What the client can do.
    pub fn client_capabilities(&self) -> ClientCapabilities {
        self.0.capabilities
    }

    /// What calls of the same caller share: the session where there is one, else the identity.
    pub fn caller_key(&self) -> String {
        match &self.0.session {
            Some(session) => session.caller_key(),
            None => format!("p{}", self.0.principal.binding()),
        }
    }

    /// A key for whoever is calling, in whatever session: the same for one principal, and another for any other.
    pub fn principal_key(&self) -> String {
        self.0.principal.binding().to_string()
    }

    /// Whether there is a session, so that [`Context::caller_key`] is nobody else's.
    pub fn has_session(&self) -> bool {
        self.0.session.is_some()
    }

    /// Whether the client is asked by ending the call, which it then repeats.
    pub fn ends_to_ask(&self) -> bool {
        matches!(self.asks().asking, Asking::Retry)
    }

    /// Sends a log message to the client, if it asked for messages this severe; says nothing while the client is behind.
    pub fn try_log<T: Serialize + ?Sized>(&self, level: LogLevel, logger: &str, data: &T) {
        if let Some(frame) = self.log_frame(level, logger, data) {
            let _ = self.0.outlet.try_send(frame);
        }
    }

    /// The answers with which the client has come back, if the call ended before to [`inquire`](Context::inquire),
    /// or that it gives beforehand.
    pub fn replies(&self) -> Option<Replies> {
        let mut asks = self.asks();
        let Some(kept) = asks.memo.remove(CARRIED) else {
            // Without a state the client answers beforehand.
            let answers = std::mem::take(&mut asks.answers);
            return (!answers.is_empty())
                .then(|| Replies { answers: answers.into_iter().map(|(key, answer)| (key, Ok(answer))).collect(), carried: None });
        };
        let kept: Kept = serde_json::from_str(kept.get()).ok()?;
        let answers = kept.keys.into_iter().filter_map(|key| Some((key.clone(), Ok(asks.answers.remove(&key)?)))).collect();
        Some(Replies { answers, carried: kept.carried })
    }

    /// Asks the client what another server wants to know, all of it at once, and keeps what that server wants back.
    ///
    /// Where the call has to end to ask, the future does not complete: the call is repeated, and
    /// [`replies`](Context::replies) has the answers.
    ///
    /// # Errors
    /// When the client cannot be asked.
    pub async fn inquire(&self, inquiries: Vec<Inquiry>, carried: Option<Box<RawValue>>) -> Result<Replies, RpcError> {
        let asking = self.asks().asking.clone();
        let answers = match asking {
            Asking::Retry => {
                let kept = Kept { keys: inquiries.iter().map(|inquiry| inquiry.key.clone()).collect(), carried };
                let kept = serde_json::value::to_raw_value(&kept).map_err(|_| RpcError::internal())?;
                {
                    let mut asks = self.asks();
                    asks.memo.insert(CARRIED.to_owned(), kept);
                    for inquiry in inquiries {
                        let method = known(&inquiry.method)?;
                        asks.open.push(Question { key: inquiry.key, method, params: inquiry.params.get().to_owned() });
                    }
                }
                self.0.control.wake();
                return std::future::pending().await;
            }
            Asking::Task(task) => {
                all(inquiries.into_iter().map(|inquiry| {
                    let task = Arc::clone(&task);
                    Box::pin(async move {
                        let method = known(&inquiry.method)?;
                        let question = Question { key: inquiry.key.clone(), method, params: inquiry.params.get().to_owned() };
                        Ok((inquiry.key, Ok(task.ask(question).await)))
                    }) as BoxFuture<'_, Answered>
                }))
                .await?
            }
            Asking::Stream => {
                all(inquiries.into_iter().map(|inquiry| {
                    Box::pin(async move {
                        let method = known(&inquiry.method)?;
                        let params = params_in(self.revision(), method, &inquiry.params);
                        let answer = self.ask_on_stream(method, &params).await;
                        Ok((inquiry.key, answer.map_err(|unanswered| unanswered.refusal(method))))
                    }) as BoxFuture<'_, Answered>
                }))
                .await?
            }
        };
        Ok(Replies { answers, carried })
    }
}

type Answered = Result<(String, Result<Box<RawValue>, RpcError>), RpcError>;

/// The parameters of a question as a revision with sessions has them.
fn params_in<'p>(revision: Revision, method: &str, params: &'p RawValue) -> Cow<'p, str> {
    let says_which = method == "elicitation/create" && !revision.has_url_elicitation();
    let Some(members) = says_which.then(|| members_of(params.get())).flatten() else { return params.get().into() };
    let mut out = Vec::with_capacity(params.get().len());
    let mut object = Object::open(&mut out);
    // Forms are all that there is to ask for, so no member says so.
    for (key, value) in members.iter().filter(|(key, _)| key != "mode") {
        object.member(key, value.get());
    }
    object.close();
    String::from_utf8(out).map_or_else(|_| params.get().into(), Cow::Owned)
}

impl Unanswered {
    /// What the server that asked is told.
    fn refusal(self, method: &str) -> RpcError {
        match self {
            Self::Refused { code, why } => RpcError::new(code, why),
            other => RpcError::new(code::INTERNAL_ERROR, other.error(method).message().to_owned()),
        }
    }
}

/// All answers, or the first error.
async fn all<'a>(
    asking: impl Iterator<Item = BoxFuture<'a, Answered>>,
) -> Result<BTreeMap<String, Result<Box<RawValue>, RpcError>>, RpcError> {
    let mut asking: Vec<_> = asking.collect();
    let mut answers = BTreeMap::new();
    std::future::poll_fn(|cx| {
        let mut failed = None;
        asking.retain_mut(|question| match question.as_mut().poll(cx) {
            Poll::Ready(Ok((key, answer))) => {
                answers.insert(key, answer);
                false
            }
            Poll::Ready(Err(error)) => {
                failed = Some(error);
                false
            }
            Poll::Pending => true,
        });
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if asking.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    })
    .await?;
    Ok(answers)
}

/// The questions that there are.
fn known(method: &str) -> Result<&'static str, RpcError> {
    ["elicitation/create", "sampling/createMessage", "roots/list"]
        .into_iter()
        .find(|known| *known == method)
        .ok_or_else(|| RpcError::new(code::INTERNAL_ERROR, "the upstream server asks what no client can be asked"))
}
