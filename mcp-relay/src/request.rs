//! One call of this server, as a request to the upstream.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use mcp_client::{Client, Forward, LogMessage, Progress};
use mcp_core::{ClientCapability, CompletionTarget, Context, Replies, TaskSupport};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::ask;
use crate::identity::Identity;
use crate::lease::Lease;

/// The capability of servers that make tasks of calls in sessions.
pub(crate) const SESSION_TASKS: &str = "tasks.requests.tools.call";

/// What is called.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Tool(TaskSupport),
    Resource,
    Prompt,
    Completion(CompletionTarget),
    /// The list of skills.
    Skills,
    Skill,
    /// A directory of a skill.
    Directory,
}

/// What the upstream wants back with answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Carried {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<Box<RawValue>>,
    /// The call that waits for the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parked: Option<String>,
}

impl Carried {
    pub(crate) fn of(replies: &Replies) -> Self {
        replies.carried.as_ref().and_then(|carried| serde_json::from_str(carried.get()).ok()).unwrap_or_default()
    }

    pub(crate) fn to_raw(&self) -> Option<Box<RawValue>> {
        to_raw_value(self).ok()
    }
}

/// The request for a call, with answers to what the upstream asked before.
pub(crate) fn request(lease: &Lease, cx: &Context, kind: &Kind, identity: Option<&Identity>, replies: Option<&Replies>) -> Forward {
    let client = lease.client();
    let mut request = base(client, cx, kind);
    for (key, value) in members(&cx.raw_meta()) {
        if key != "progressToken" && !key.starts_with("io.modelcontextprotocol/") {
            request = request.meta(key, value);
        }
    }
    if cx.wants_progress() {
        let cx = cx.clone();
        request =
            request.on_progress(move |Progress { progress, total, message, .. }| cx.try_progress(progress, total, message.as_deref()));
    }
    if cx.can_release_connection() {
        let cx = cx.clone();
        request = request.on_release(move |retry| cx.release_connection(retry));
    }
    if client.revision().is_modern() {
        request = request.offers(ask::offers(cx)).tasks(cx.client_can(ClientCapability::Tasks));
        if let Some(level) = cx.log_level() {
            let cx = cx.clone();
            request = request.log(level, move |message| tell(&cx, &message));
        }
    }
    for (name, value) in identity.map(|identity| identity.headers(cx.principal())).unwrap_or_default() {
        request = request.header(name, value);
    }
    if let Some(replies) = replies {
        let answers: BTreeMap<&str, &RawValue> =
            replies.answers.iter().filter_map(|(key, answer)| Some((&**key, &**answer.as_ref().ok()?))).collect();
        if let Ok(answers) = to_raw_value(&answers) {
            request = request.param("inputResponses", answers);
        }
        if let Some(state) = Carried::of(replies).state {
            request = request.param("requestState", state);
        }
    }
    request
}

fn base(client: &Client, cx: &Context, kind: &Kind) -> Forward {
    let raw = |bytes: &[u8]| serde_json::from_slice::<Box<RawValue>>(bytes).ok();
    let arguments = cx.raw_arguments();
    match kind {
        Kind::Resource => client.forward("resources/read", "uri", cx.target()),
        Kind::Skills => paged(client.forward_unnamed("skills/list"), &arguments),
        // The URIs are parameters like any other here, which no header repeats.
        Kind::Skill => located(client.forward_unnamed("skills/get"), cx.target()),
        Kind::Directory => paged(located(client.forward_unnamed("resources/directory/read"), cx.target()), &arguments),
        Kind::Completion(target) => completion(client.forward_unnamed("completion/complete"), target, &arguments),
        Kind::Tool(_) | Kind::Prompt => {
            let method = if matches!(kind, Kind::Tool(_)) { "tools/call" } else { "prompts/get" };
            let request = client.forward(method, "name", cx.target());
            let request = match raw(&arguments) {
                Some(arguments) => request.param("arguments", arguments),
                None => request,
            };
            if makes_task(client, cx, kind) { request.as_task() } else { request }
        }
    }
}

/// Whether the upstream, in a session, makes a task of a call: where its tool wants that, for whoever calls, and where it
/// can, for those who need not wait then.
fn makes_task(client: &Client, cx: &Context, kind: &Kind) -> bool {
    let wanted = match kind {
        Kind::Tool(TaskSupport::Required) => true,
        Kind::Tool(TaskSupport::Optional) => cx.client_can(ClientCapability::Tasks),
        _ => false,
    };
    wanted && client.revision().has_session_tasks() && client.server().can(SESSION_TASKS)
}

fn located(request: Forward, uri: &str) -> Forward {
    match to_raw_value(uri) {
        Ok(uri) => request.param("uri", uri),
        Err(_) => request,
    }
}

/// Adds the cursor, if there is one.
fn paged(request: Forward, cursor: &[u8]) -> Forward {
    match serde_json::from_slice(cursor) {
        Ok(cursor) => request.param("cursor", cursor),
        Err(_) => request,
    }
}

/// A completion's arguments are what it is of, and pairs of which the first is completed and the others are settled.
fn completion(request: Forward, target: &CompletionTarget, arguments: &[u8]) -> Forward {
    type Asked = (String, String, Vec<(String, String)>);
    let (_, _, pairs): Asked = serde_json::from_slice(arguments).unwrap_or_default();
    let reference = match target {
        CompletionTarget::Resource(uri) => Reference { kind: "ref/resource", uri: Some(uri), name: None },
        CompletionTarget::Prompt(name) => Reference { kind: "ref/prompt", uri: None, name: Some(name) },
        _ => return request,
    };
    let mut pairs = pairs.into_iter();
    let (name, value) = pairs.next().unwrap_or_default();
    let settled: BTreeMap<String, String> = pairs.collect();
    let request = with(request, "ref", &reference);
    let request = with(request, "argument", &Argument { name: &name, value: &value });
    if settled.is_empty() { request } else { with(request, "context", &Settled { arguments: &settled }) }
}

/// What is completed (2025-11-25 and 2026-07-28, `CompleteRequestParams`).
#[derive(Serialize)]
struct Reference<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
}

#[derive(Serialize)]
struct Argument<'r> {
    name: &'r str,
    value: &'r str,
}

#[derive(Serialize)]
struct Settled<'r> {
    arguments: &'r BTreeMap<String, String>,
}

fn with<T: Serialize>(request: Forward, key: &'static str, value: &T) -> Forward {
    match to_raw_value(value) {
        Ok(value) => request.param(key, value),
        Err(_) => request,
    }
}

/// The members of an object that is JSON, or nothing.
fn members(object: &[u8]) -> BTreeMap<String, Box<RawValue>> {
    if object.is_empty() { BTreeMap::new() } else { serde_json::from_slice(object).unwrap_or_default() }
}

/// Passes a log message on. The connection is read by who calls this, so it must not wait.
pub(crate) fn tell(cx: &Context, message: &LogMessage) {
    cx.try_log(message.level, message.logger.as_deref().unwrap_or_default(), &message.data);
}

/// A header that is sent, or left out.
pub(crate) type Header = (HeaderName, Option<HeaderValue>);
