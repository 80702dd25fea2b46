//! From an answer to the bytes of a reply.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reply::{Challenge, Envelope, Outcome, Reply, outcome_of};
use crate::access::{Denial, Principal};
use crate::call::{Answer, CallState, Verdict};
use crate::item::{Resource, Tool, ToolOutput, write_error};
use crate::json::Object;
use crate::protocol::error::{RpcError, code};
use crate::protocol::scan::Raw;
use crate::tasks::TaskEntry;
use crate::tool_error::ToolError;

/// What is being answered.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Tool(Arc<Tool>),
    Resource(Arc<Resource>),
    Prompt,
    Completion,
    /// A method of the skills extension that another server answers.
    Skills {
        method: &'static str,
        /// Whether it asks nothing of its caller.
        is_open: bool,
    },
    Listen,
}

impl Kind {
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Tool(_) => "tools/call",
            Self::Resource(_) => "resources/read",
            Self::Prompt => "prompts/get",
            Self::Completion => "completion/complete",
            Self::Skills { method, .. } => method,
            Self::Listen => "subscriptions/listen",
        }
    }
}

/// The reply to a call that ended with `answer`.
pub(crate) fn reply(call: &CallState, kind: &Kind, envelope: Envelope, answer: Answer) -> Reply {
    let failed = match &answer.0 {
        Verdict::Tool(output) => output.is_error(),
        Verdict::Mirrored(text) => super::mirrored::is_error(text),
        Verdict::Resource(_) | Verdict::Prompt(_) | Verdict::Completion(_) => false,
        _ => true,
    };
    let reply = write(call, kind, envelope, answer);
    call.note.conclude(if failed { crate::Verdict::Failed } else { crate::Verdict::Succeeded });
    reply
}

fn write(call: &CallState, kind: &Kind, envelope: Envelope, answer: Answer) -> Reply {
    match (answer.0, kind) {
        (Verdict::Tool(output), Kind::Tool(tool)) => tool_result(call, tool, envelope, &output),
        (Verdict::Resource(mut output), Kind::Resource(resource)) => {
            for contents in &mut output.contents {
                contents.fill(&call.target, resource.mime_type.as_deref());
            }
            result(call, envelope, 1_024, None, |object| {
                output.write(object);
                write_caching(call, object);
            })
        }
        (Verdict::Prompt(output), Kind::Prompt) => result(call, envelope, 512, None, |object| output.write(object, call.revision)),
        (Verdict::Completion(values), Kind::Completion) => result(call, envelope, 512, None, |object| values.write(object)),
        (Verdict::Completion(_), Kind::Listen) => listened(call, envelope),
        (Verdict::Mirrored(text), kind) => super::mirrored::result(call, kind, envelope, &text),
        (Verdict::Arguments(error), Kind::Tool(tool)) => {
            let detail = error.map(|error| error.to_string());
            bad_arguments(call, tool, envelope, detail)
        }
        (Verdict::Protocol(error), _) => failure(call, envelope, &error),
        (Verdict::Error(error), kind) => tool_error(call, kind, envelope, &error),
        (Verdict::Panicked, _) => {
            tracing::error!(item = %call.target, "the handler panicked");
            failure(call, envelope, &RpcError::internal())
        }
        (_, kind) => {
            tracing::error!(item = %call.target, method = kind.method(), "the handler answered for another kind of item");
            failure(call, envelope, &RpcError::internal())
        }
    }
}

/// A result object with what every result of the revision carries.
fn result(call: &CallState, envelope: Envelope, size: usize, meta: Option<&str>, write: impl FnOnce(&mut Object<'_>)) -> Reply {
    Reply::result(envelope, &call.id, size, |out| {
        let mut object = Object::open(out);
        write(&mut object);
        finish_result(call, &mut object, "complete", meta);
        object.close();
    })
}

/// Writes `resultType` and `_meta`.
pub(crate) fn finish_result(call: &CallState, object: &mut Object<'_>, kind: &str, meta: Option<&str>) {
    if call.revision.has_result_type() {
        object.text("resultType", kind);
    }
    let server = call.revision.names_server_in_results().then_some(&*call.shared.lists.server_meta);
    match (meta.and_then(members), server.and_then(members)) {
        (Some(own), Some(server)) => object.raw("_meta", &format!("{{{own},{server}}}")),
        (Some(own), None) => object.raw("_meta", &format!("{{{own}}}")),
        (None, Some(_)) => object.raw("_meta", server.unwrap_or_default()),
        (None, None) => {}
    }
}

/// The members of a JSON object as text, if there are any.
fn members(object: &str) -> Option<&str> {
    let members = object.strip_prefix('{')?.strip_suffix('}')?;
    (!members.is_empty()).then_some(members)
}

/// What was read may differ for the next caller and a moment later.
pub(super) fn write_caching(call: &CallState, object: &mut Object<'_>) {
    if call.revision.has_caching_hints() {
        object.raw("ttlMs", "0");
        object.raw("cacheScope", "\"private\"");
    }
}

fn tool_result(call: &CallState, tool: &Tool, envelope: Envelope, output: &ToolOutput) -> Reply {
    if cfg!(debug_assertions)
        && !output.is_error()
        && let Some(problem) = output_problem(tool, output)
    {
        call.note.conclude(crate::Verdict::Failed);
        tracing::error!(tool = tool.name(), "the result does not fit the tool's output schema: {problem}");
        return failure(call, envelope, &RpcError::internal());
    }
    let size = output.structured().map_or(512, |json| json.len() * 2 + 256);
    result(call, envelope, size, output.meta(), |object| output.write(object, call.revision, tool.output.as_ref()))
}

/// What is wrong with a structured result, by the tool's own schema.
fn output_problem(tool: &Tool, output: &ToolOutput) -> Option<String> {
    let schema = tool.output.as_ref()?;
    let Some(json) = output.structured() else { return Some("there is no structured content".to_owned()) };
    let value = serde_json::from_str(json).ok()?;
    schema.problems(&value).first().map(ToString::to_string)
}

fn listened(call: &CallState, envelope: Envelope) -> Reply {
    let meta = format!("{{\"io.modelcontextprotocol/subscriptionId\":{}}}", call.id.as_json());
    result(call, envelope, 256, Some(&meta), |_| {})
}

fn tool_error(call: &CallState, kind: &Kind, envelope: Envelope, error: &ToolError) -> Reply {
    error.log(&call.target);
    if let Some(error) = error.as_protocol(call.revision.is_modern()) {
        return match kind {
            Kind::Resource(_) if error.code() == code::INVALID_PARAMS => not_found_resource(call, envelope, error.message()),
            _ => failure(call, envelope, &error),
        };
    }
    match kind {
        Kind::Tool(_) => result(call, envelope, 256, None, |object| write_error(object, error.message())),
        _ => failure(call, envelope, &RpcError::new(code::INTERNAL_ERROR, error.message().to_owned())),
    }
}

/// The reply for arguments that do not fit, in words from the schema where it has any.
pub(crate) fn bad_arguments(call: &CallState, tool: &Tool, envelope: Envelope, detail: Option<String>) -> Reply {
    let why = why_not(tool, &call.arguments).or(detail).unwrap_or_else(|| "they do not fit its schema".to_owned());
    let message = format!("invalid arguments for tool `{}`: {why}", tool.name());
    if call.revision.reports_bad_arguments_to_the_model() && envelope == Envelope::JsonRpc {
        return result(call, envelope, 256, None, |object| write_error(object, &message));
    }
    failure(call, envelope, &RpcError::invalid_params(message))
}

/// What is wrong with arguments, if it can be said in the words of the schema.
fn why_not(tool: &Tool, arguments: &[u8]) -> Option<String> {
    let problems = match serde_json::from_slice(arguments) {
        Ok(value) => Some(tool.input.problems(&value)).filter(|found| !found.is_empty()).unwrap_or_else(|| tool.input.misfits(&value)),
        Err(_) => return unreadable(arguments),
    };
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

/// Names the argument that no JSON value stands for, as a number beyond every type.
fn unreadable(arguments: &[u8]) -> Option<String> {
    let members: BTreeMap<String, &serde_json::value::RawValue> = serde_json::from_slice(arguments).ok()?;
    members.into_iter().find_map(|(name, value)| {
        let error = serde_json::from_str::<serde_json::Value>(value.get()).err()?.to_string();
        let error = error.rsplit_once(" at line ").map_or(&*error, |(error, _)| error);
        Some(format!("`{name}` cannot be read: {error}"))
    })
}

pub(crate) fn not_found_resource(call: &CallState, envelope: Envelope, message: &str) -> Reply {
    let error =
        RpcError::new(call.revision.resource_not_found_code(), message.to_owned()).with_data(&serde_json::json!({"uri": call.target}));
    Reply::error(envelope, Some(&call.id), &error, Outcome::Answered)
}

pub(crate) fn failure(call: &CallState, envelope: Envelope, error: &RpcError) -> Reply {
    let outcome = outcome_of(error, call.revision.is_modern(), envelope);
    Reply::error(envelope, Some(&call.id), error, outcome)
}

/// The error and the outcome for a caller who may not use an item. `None` when to this
/// caller the item does not exist.
pub(crate) fn denied(what: &str, denial: Denial, principal: &Principal) -> Option<(RpcError, Outcome)> {
    let (message, data, challenge) = match denial {
        Denial::Hidden => return None,
        Denial::Identity => {
            (format!("{what} is for callers who say who they are"), serde_json::json!({"error": "unauthenticated"}), Challenge::default())
        }
        Denial::Scope { needed, challenge } => {
            let noun = if needed.len() == 1 { "scope" } else { "scopes" };
            (
                format!("{what} needs the {noun} `{}`", needed.join(" ")),
                serde_json::json!({"error": "insufficient_scope", "required_scopes": needed}),
                Challenge { scopes: challenge, ..Challenge::default() },
            )
        }
        Denial::SecondFactor { challenge } => (
            format!("{what} needs a second factor"),
            serde_json::json!({"error": "insufficient_user_authentication", "second_factor": true}),
            Challenge { second_factor: true, scopes: challenge, ..Challenge::default() },
        ),
    };
    Some(if principal.is_anonymous() {
        (RpcError::new(code::UNAUTHENTICATED, format!("{message}; sign in first")).with_data(&data), Outcome::Unauthenticated(challenge))
    } else {
        (RpcError::new(code::FORBIDDEN, message).with_data(&data), Outcome::Forbidden(challenge))
    })
}

/// The reply that hands out a task in place of a result.
pub(crate) fn task_created(call: &CallState, envelope: Envelope, task: &TaskEntry) -> Reply {
    Reply::result(envelope, &call.id, 512, |out| {
        let mut object = Object::open(out);
        task.write(&mut object, false);
        finish_result(call, &mut object, "task", None);
        object.close();
    })
}

/// Whether every argument a handler could look at may be handed to it.
pub(crate) fn check_arguments(tool: &Tool, arguments: Raw<'_>) -> bool {
    if tool.input.known().is_some_and(|known| crate::call::check_known(arguments, known).is_some()) {
        return false;
    }
    let must_check = tool.input.must_check() || (tool.input.holds_structs() && arguments.get().contains('['));
    !must_check || serde_json::from_str(arguments.get()).is_ok_and(|value| tool.input.problems(&value).is_empty())
}
