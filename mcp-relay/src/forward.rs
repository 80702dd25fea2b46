//! Forwarding one call.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Forwarded, Refusal, Result};
use mcp_core::{Answer, Context, Inquiry, Replies, RpcError, code};
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::ask::{AskCaller, inquiry, refusal};
use crate::desk::Asked;
use crate::failure::Failure;
use crate::lease::Sitting;
use crate::relay::Shared;
use crate::request::{Carried, Kind, request};

/// What the question of a session is called towards callers without one.
const QUESTION: &str = "question";
/// How often a call may be asked about, or put off, before it is given up.
const MOST_ROUNDS: u32 = 64;
/// How often a call is sent again because the upstream cannot have seen it.
const MOST_TRIES: u32 = 8;
/// How long to wait before a call that the upstream puts off is repeated, more with each round.
const PAUSE: Duration = Duration::from_millis(100);

type Sending = Pin<Box<dyn Future<Output = Result<Forwarded>> + Send>>;

/// A call on a connection of its caller, on which the upstream may ask.
pub(crate) struct UnderWay {
    sending: Sending,
    questions: mpsc::Receiver<Asked>,
    entry: Entry,
}

/// A call that its connection knows of.
struct Entry {
    sitting: Sitting,
    number: u64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.sitting.desk().leave(self.number);
    }
}

/// Forwards a call and answers as the upstream does.
pub(crate) async fn forward(shared: Arc<Shared>, kind: Arc<Kind>, cx: Context) -> Answer {
    match forwarded(&shared, &kind, &cx).await {
        Ok(result) => Answer::mirrored(Box::<str>::from(result)),
        Err(failure) => failed(&shared, failure, &cx, &kind),
    }
}

/// What a caller is told whose call could not be forwarded.
pub(crate) fn failed(shared: &Shared, failure: Failure, cx: &Context, kind: &Kind) -> Answer {
    match failure.advised(|error| shared.reach.connect.advice(error)) {
        Some(answer) => answer,
        None => failure.answer(cx, kind, shared.credentials),
    }
}

pub(crate) async fn forwarded(shared: &Arc<Shared>, kind: &Kind, cx: &Context) -> Result<Box<RawValue>, Failure> {
    let mut replies = cx.replies();
    if let Some(parked) = replies.as_ref().and_then(|replies| Carried::of(replies).parked) {
        let found = shared.parked.take(&parked, &cx.caller_key());
        let (call, asked) =
            found.ok_or_else(|| RpcError::invalid_params("the call that asked this is over; repeat it without `requestState`"))?;
        call.entry.sitting.desk().renew(call.entry.number, cx);
        reply(asked, replies.take().unwrap_or_default());
        return in_session(shared, cx, call).await;
    }
    shared.tuned.caught_up().await;
    let (mut rounds, mut tries) = (0, 0);
    loop {
        let lease = shared.leases.lease(cx).await?;
        let request = request(&lease, cx, kind, shared.identity.as_ref(), replies.as_ref());
        let (modern, number, own) = (lease.client().revision().is_modern(), lease.number(), lease.own.is_some());
        let sent = match lease.own {
            Some(sitting) => {
                let (number, questions) = sitting.desk().enter(cx);
                let entry = Entry { sitting, number };
                let caller = cx.clone();
                let sending = Box::pin(async move { finished(request.send().await?, caller).await });
                let call = UnderWay { sending, questions, entry };
                if modern {
                    // Only its log messages arrive apart from its answer.
                    let UnderWay { sending, questions: _questions, entry: _entry } = call;
                    sending.await
                } else {
                    in_session(shared, cx, call).await.map(|result| Ok(Forwarded::Result(result))).or_else(only_client)?
                }
            }
            None => request.send().await,
        };
        match sent {
            Ok(Forwarded::Result(result)) => return Ok(result),
            Ok(Forwarded::Questions(questions, state)) => {
                rounds += 1;
                if rounds > MOST_ROUNDS {
                    return Err(RpcError::new(code::INTERNAL_ERROR, "the upstream server asks without coming to an end").into());
                }
                let carried = Carried { state, parked: None }.to_raw();
                replies = Some(if questions.is_empty() {
                    sleep(PAUSE * rounds).await;
                    Replies { carried, ..Replies::default() }
                } else {
                    let methods = questions.iter().map(|question| (question.key.clone(), question.method.clone())).collect();
                    answered(cx.inquire(questions.into_iter().map(inquiry).collect(), carried).await?, &methods)?
                });
            }
            Ok(Forwarded::Task(pending)) => {
                cx.become_task().await.map_err(|error| RpcError::new(code::INTERNAL_ERROR, error.message().to_owned()))?;
                return Ok(Box::pin(pending.result(&AskCaller(cx.clone()))).await?);
            }
            Ok(_) => return Err(RpcError::internal().into()),
            Err(error) => {
                if error.is_disconnection() {
                    shared.leases.lost(number, own, &error);
                }
                tries += 1;
                if !error.is_unsent() || tries > MOST_TRIES {
                    return Err(error.into());
                }
            }
        }
    }
}

/// All answers, or the first refusal: where the upstream asks by ending calls, it is not told of refusals, so they end the call.
fn answered(replies: Replies, methods: &HashMap<String, String>) -> Result<Replies, Failure> {
    match replies.answers.iter().find_map(|(key, answer)| Some((key, answer.as_ref().err()?))) {
        Some((key, error)) => {
            let method = methods.get(key).map_or("a question", String::as_str);
            Err(Failure::Refused(format!("the client refused {method}: {}", error.message())))
        }
        None => Ok(replies),
    }
}

/// The end of a call of which a task was made in a session. Its caller has a task of this server's meanwhile, if it accepts any.
async fn finished(sent: Forwarded, cx: Context) -> Result<Forwarded> {
    match sent {
        Forwarded::Task(pending) if pending.is_of_session() => {
            // Whoever accepts none waits.
            let _ = cx.become_task().await;
            Box::pin(pending.result(&AskCaller(cx))).await.map(Forwarded::Result)
        }
        sent => Ok(sent),
    }
}

/// Errors of the client are looked at once more; others are what the caller is told.
fn only_client(failure: Failure) -> Result<Result<Forwarded>, Failure> {
    match failure {
        Failure::Client(error) => Ok(Err(error)),
        other => Err(other),
    }
}

/// Waits for the answer to a call, and has the upstream's questions answered meanwhile.
async fn in_session(shared: &Arc<Shared>, cx: &Context, mut call: UnderWay) -> Result<Box<RawValue>, Failure> {
    loop {
        let asked = tokio::select! {
            biased;
            result = &mut call.sending => return ended(result),
            Some(asked) = call.questions.recv() => asked,
        };
        let question = Inquiry { key: QUESTION.to_owned(), method: asked.method.clone(), params: asked.params.clone() };
        if cx.ends_to_ask() {
            let parked = shared.parked.park(cx.caller_key(), call, asked);
            let carried = Carried { state: None, parked: Some(parked) }.to_raw();
            cx.inquire(vec![question], carried).await?;
            return Err(RpcError::internal().into());
        }
        tokio::select! {
            biased;
            result = &mut call.sending => return ended(result),
            replies = cx.inquire(vec![question], None) => reply(asked, replies?),
        }
    }
}

fn ended(result: Result<Forwarded>) -> Result<Box<RawValue>, Failure> {
    match result? {
        Forwarded::Result(result) => Ok(result),
        _ => Err(RpcError::internal().into()),
    }
}

/// Tells the upstream what the caller answered.
fn reply(asked: Asked, mut replies: Replies) {
    let answer = match replies.answers.remove(QUESTION) {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error)) => Err(refusal(&error)),
        None => Err(Refusal::new("the question was not answered")),
    };
    // The upstream may have taken the question back.
    let _ = asked.answer.send(answer);
}
