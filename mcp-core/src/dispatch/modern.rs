//! Requests of the stateless revisions: each says all there is to know of it.

use bytes::Bytes;

use super::exchange::request_scope;
use super::reply::{Envelope, Outcome, Reply};
use super::{Dispatcher, Exchange, Request, Started, call, foreign_skills, listen, mirror, queries};
use crate::protocol::capabilities::ClientCapability;
use crate::protocol::error::{RpcError, code};
use crate::protocol::frame::RequestId;
use crate::protocol::meta::{Params, required_text};
use crate::protocol::revision::Revision;
use crate::registry::ListKind;

/// Checks a request's metadata, then answers it (2026-07-28, basic, "`_meta`").
#[allow(clippy::too_many_arguments, reason = "the parts of a decoded request")]
pub(super) fn start<'a>(
    dispatcher: &Dispatcher,
    frame: &'a Bytes,
    exchange: &'a Exchange,
    id: RequestId,
    method: &str,
    params: Params<'a>,
    version: Option<&str>,
) -> Started {
    let meta = &params.meta;
    let shared = dispatcher.shared();
    let refuse = |error: &RpcError| Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), error, Outcome::Malformed));
    let named = exchange.header("mcp-protocol-version");
    if exchange.mirrors() && named.is_none() {
        return refuse(&mirror::mismatch("the header MCP-Protocol-Version is missing; it must repeat the version in the body".to_owned()));
    }
    let Some(version) = version else {
        let named = named.and_then(|named| std::str::from_utf8(named).ok());
        return match named.filter(|named| Revision::parse(named).is_none()) {
            Some(named) => refuse(&unsupported(named)),
            None => Started::Done(super::legacy::no_session(Some(&id))),
        };
    };
    let capabilities = match meta.capabilities() {
        Ok(capabilities) => capabilities,
        Err(error) => return refuse(&error),
    };
    let checked = meta
        .check_client_info()
        .and_then(|()| Ok((meta.log_level()?, meta.progress_token(frame)?)))
        .and_then(|parts| mirror::check(exchange, "mcp-protocol-version", "MCP-Protocol-Version", version, false).map(|()| parts));
    let (log_level, progress_token) = match checked {
        Ok(parts) => parts,
        Err(error) => return refuse(&error),
    };
    let Some(revision) = Revision::parse(version).filter(|revision| revision.is_modern()) else {
        return refuse(&unsupported(version));
    };
    if let Err(error) = mirror::check(exchange, "mcp-method", "Mcp-Method", method, false) {
        return refuse(&error);
    }
    let request = Request {
        id,
        params,
        frame,
        exchange,
        revision,
        capabilities,
        log_level,
        progress_token,
        session: None,
        scope: request_scope(exchange, None),
        envelope: Envelope::JsonRpc,
    };
    if shared.in_flight.holds(&request.scope, &request.id) {
        return Started::Done(request.fail(&id_in_use(&request.id)));
    }
    route(dispatcher, &request, method)
}

fn route(dispatcher: &Dispatcher, request: &Request<'_>, method: &str) -> Started {
    let shared = dispatcher.shared();
    let offers = shared.live.snapshot();
    let named = match method {
        "tools/call" if offers.has_tools() => Some(("name", request.params.name)),
        "prompts/get" if offers.has_prompts() => Some(("name", request.params.name)),
        "resources/read" if offers.has_resources() => Some(("uri", request.params.uri)),
        "tasks/get" | "tasks/update" | "tasks/cancel" if shared.tasks_enabled && request.capabilities.has(ClientCapability::Tasks) => {
            Some(("taskId", request.params.task_id))
        }
        _ => None,
    };
    if let Some((key, raw)) = named
        && request.exchange.mirrors()
    {
        let agrees = required_text(raw, key).and_then(|name| mirror::check(request.exchange, "mcp-name", "Mcp-Name", &name, true));
        if let Err(error) = agrees {
            return Started::Done(Reply::error(Envelope::JsonRpc, Some(&request.id), &error, Outcome::Malformed));
        }
    }
    let reply = match method {
        "tools/call" if offers.has_tools() => return call::tool(shared, &offers, request),
        "resources/read" if offers.has_resources() => return call::resource(shared, &offers, request),
        "prompts/get" if offers.has_prompts() => return call::prompt(shared, &offers, request),
        "completion/complete" if offers.has_completions() => return call::completion(shared, &offers, request),
        "subscriptions/listen" => return listen::modern(shared, request),
        "tools/list" if offers.has_tools() => queries::list(shared, &offers, request, ListKind::Tools),
        "prompts/list" if offers.has_prompts() => queries::list(shared, &offers, request, ListKind::Prompts),
        "resources/list" if offers.has_resources() => queries::list(shared, &offers, request, ListKind::Resources),
        "resources/templates/list" if offers.has_resources() => queries::list(shared, &offers, request, ListKind::Templates),
        "server/discover" => queries::discover(shared, &offers, request),
        "tasks/get" if shared.tasks_enabled => queries::get_task(shared, request),
        "tasks/update" if shared.tasks_enabled => queries::update_task(shared, request),
        "tasks/cancel" if shared.tasks_enabled => queries::cancel_task(shared, request),
        "skills/list" | "skills/get" | "resources/directory/read"
            if offers.unlisted().is_some_and(|other| other.skill_settings().is_some()) =>
        {
            return foreign_skills::start(shared, &offers, request, method);
        }
        #[cfg(feature = "skills")]
        "skills/list" if !shared.skills.is_empty() => super::skills::list(shared, request),
        #[cfg(feature = "skills")]
        "skills/get" if !shared.skills.is_empty() => super::skills::get(shared, request),
        #[cfg(feature = "skills")]
        "resources/directory/read" if !shared.skills.is_empty() => super::skills::read_directory(shared, request),
        _ => request.fail(&unknown_method(method)),
    };
    Started::Done(reply)
}

pub(super) fn unknown_method(method: &str) -> RpcError {
    RpcError::new(code::METHOD_NOT_FOUND, format!("there is no method `{method}`"))
}

pub(super) fn id_in_use(id: &RequestId) -> RpcError {
    RpcError::invalid_request(format!("`id` {} is in use by a request that is not answered yet", id.as_json()))
}

fn unsupported(requested: &str) -> RpcError {
    let supported: Vec<&str> = Revision::ALL.iter().rev().map(|revision| revision.as_str()).collect();
    RpcError::new(code::UNSUPPORTED_VERSION, format!("protocol version `{requested}` is not supported"))
        .with_data(&serde_json::json!({"supported": supported, "requested": requested}))
}
