//! Requests that only look something up.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::reply::Reply;
use super::{Request, Shared, admit};
use crate::json::Object;
use crate::protocol::capabilities::{ClientCapability, SKILLS_EXTENSION, TASKS_EXTENSION};
use crate::protocol::error::RpcError;
use crate::protocol::meta::{optional_text, required_text, typed};
use crate::protocol::revision::Revision;
use crate::registry::{ListKind, Snapshot};
use crate::tasks::TaskEntry;
use crate::tool_error::ToolError;

pub(super) fn list(shared: &Shared, offers: &Snapshot, request: &Request<'_>, kind: ListKind) -> Reply {
    let cursor = match optional_text(request.params.cursor, "cursor") {
        Ok(cursor) => cursor,
        Err(error) => return request.fail(&error),
    };
    match offers.list(kind, request.revision, &request.exchange.principal, cursor.as_deref(), &shared.lists) {
        Some(page) => Reply::result(request.envelope, &request.id, page.len(), |out| out.extend_from_slice(&page)),
        None => request.fail(&RpcError::invalid_params("`params.cursor` was not issued by this server; start again without one")),
    }
}

/// Answers `server/discover` (2026-07-28, server/discover).
pub(super) fn discover(shared: &Shared, offers: &Snapshot, request: &Request<'_>) -> Reply {
    request.result(shared, |object| {
        let supported: Vec<&str> = Revision::ALL.iter().rev().map(|revision| revision.as_str()).collect();
        object.value("supportedVersions", &supported);
        write_capabilities(shared, offers, request.revision, object.key("capabilities"));
        object.optional_text("instructions", shared.info.instructions.as_deref());
        object.value("ttlMs", &shared.lists.ttl_ms);
        object.raw("cacheScope", if offers.is_private() { "\"private\"" } else { "\"public\"" });
    })
}

/// Writes the result of `initialize` (2025-11-25, basic/lifecycle).
pub(super) fn write_initialize(shared: &Shared, revision: Revision, out: &mut Vec<u8>) {
    let offers = shared.live.snapshot();
    let mut object = Object::open(out);
    object.text("protocolVersion", revision.as_str());
    write_capabilities(shared, &offers, revision, object.key("capabilities"));
    shared.info.write(object.key("serverInfo"), revision);
    object.optional_text("instructions", shared.info.instructions.as_deref());
    object.close();
}

fn write_capabilities(shared: &Shared, offers: &Snapshot, revision: Revision, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    if offers.has_tools() {
        object.raw("tools", r#"{"listChanged":true}"#);
    }
    if offers.has_prompts() {
        object.raw("prompts", r#"{"listChanged":true}"#);
    }
    if offers.has_resources() {
        object.raw("resources", r#"{"subscribe":true,"listChanged":true}"#);
    }
    if offers.has_completions() && revision.announces_completions() {
        object.raw("completions", "{}");
    }
    object.raw("logging", "{}");
    if revision.is_modern() {
        let mut extensions: Vec<(&str, &str)> =
            shared.extensions.iter().map(|(name, settings)| (name.as_str(), settings.as_str())).collect();
        if shared.tasks_enabled {
            extensions.push((TASKS_EXTENSION, "{}"));
        }
        let skills = offers.unlisted().and_then(crate::item::Unlisted::skill_settings);
        #[cfg(feature = "skills")]
        let skills = skills.or((!shared.skills.is_empty()).then_some(r#"{"directoryRead":true}"#));
        extensions.extend(skills.map(|settings| (SKILLS_EXTENSION, settings)));
        if !extensions.is_empty() {
            let out = object.key("extensions");
            out.push(b'{');
            for (position, (name, settings)) in extensions.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                crate::json::push_str(out, name);
                out.push(b':');
                out.extend_from_slice(settings.as_bytes());
            }
            out.push(b'}');
        }
    }
    object.close();
}

/// The caller's task that a request names.
fn task(shared: &Shared, request: &Request<'_>, operation: &'static str) -> Result<Arc<TaskEntry>, Reply> {
    if !request.capabilities.has(ClientCapability::Tasks) {
        let error = ToolError::missing_capability(ClientCapability::Tasks);
        return Err(request.fail(&error.as_protocol(true).unwrap_or_else(RpcError::internal)));
    }
    let id = required_text(request.params.task_id, "taskId").map_err(|error| request.fail(&error))?;
    let found = shared.tasks.find(&id, &request.exchange.principal, shared.runtime.now());
    if found.is_none() {
        admit::record_task(shared, request, operation, &id, crate::Verdict::Denied("hidden"));
    }
    found.ok_or_else(|| request.fail(&RpcError::invalid_params(format!("there is no task `{id}`; it may have expired"))))
}

pub(super) fn get_task(shared: &Shared, request: &Request<'_>) -> Reply {
    match task(shared, request, "tasks/get") {
        Ok(task) => {
            admit::record_task(shared, request, "tasks/get", &task.id, crate::Verdict::Succeeded);
            request.result(shared, |object| task.write(object, true))
        }
        Err(reply) => reply,
    }
}

pub(super) fn update_task(shared: &Shared, request: &Request<'_>) -> Reply {
    let task = match task(shared, request, "tasks/update") {
        Ok(task) => task,
        Err(reply) => return reply,
    };
    let Some(raw) = request.params.input_responses else {
        admit::record_task(shared, request, "tasks/update", &task.id, crate::Verdict::Failed);
        return request.fail(&RpcError::invalid_params("`params.inputResponses` is missing; it must be an object"));
    };
    match typed::<HashMap<String, Box<RawValue>>>(raw, "inputResponses") {
        Ok(responses) => task.answer(responses),
        Err(error) => {
            admit::record_task(shared, request, "tasks/update", &task.id, crate::Verdict::Failed);
            return request.fail(&error);
        }
    }
    admit::record_task(shared, request, "tasks/update", &task.id, crate::Verdict::Succeeded);
    request.result(shared, |_| {})
}

pub(super) fn cancel_task(shared: &Shared, request: &Request<'_>) -> Reply {
    match task(shared, request, "tasks/cancel") {
        Ok(task) => {
            task.cancel();
            admit::record_task(shared, request, "tasks/cancel", &task.id, crate::Verdict::Succeeded);
            request.result(shared, |_| {})
        }
        Err(reply) => reply,
    }
}
