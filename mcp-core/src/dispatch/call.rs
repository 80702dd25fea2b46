//! Requests that run an item: find it, check the caller, hand over the arguments.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;

use super::admit::{Note, Pass, Wanted, admit, sees};
use super::render::{self, Kind};
use super::reply::{Envelope, Outcome, Reply};
use super::running::{RunningCall, run_task, start_task};
use super::{Request, Shared, Started, context, mirror, request_state};
use crate::call::{Answer, Arguments, Asking, Asks, CallState, Control, Invocation};
use crate::item::{CompletionTarget, Handler, ItemMeta, Resource, TaskSupport};
use crate::protocol::capabilities::ClientCapability;
use crate::protocol::error::{RpcError, code};
use crate::protocol::frame::{Text, describe, not_text};
use crate::protocol::meta::{optional_text, required_text, required_uri, typed};
use crate::protocol::scan::Raw;
use crate::registry::Snapshot;
use crate::tool_error::ToolError;

pub(super) fn tool(shared: &Arc<Shared>, offers: &Snapshot, request: &Request<'_>) -> Started {
    let name = match required_text(request.params.name, "name") {
        Ok(name) => name,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    let unknown = || unknown_item(request, &RpcError::invalid_params(format!("there is no tool `{name}`")));
    let Some(tool) = offers.tool(&name) else { return Started::Done(unknown()) };
    let wanted = Wanted { operation: "tools/call", item: &name, noun: "tool", access: &tool.item.access };
    let pass = match admit(shared, request, wanted) {
        Ok(pass) => pass,
        Err(refused) => return Started::Done(refused.reply_or(unknown)),
    };
    let arguments = match request.params.arguments {
        None => Raw::NO_MEMBERS,
        Some(arguments) if arguments.is_object() => arguments,
        Some(arguments) => {
            let message = format!("`params.arguments` must be an object, not {}", describe(arguments.get()));
            return Started::Done(request.fail(&RpcError::invalid_params(message)));
        }
    };
    if request.revision.mirrors_parameters()
        && request.envelope == Envelope::JsonRpc
        && let Err(error) = mirror::check_arguments(request.exchange, &tool.input, arguments.get().as_bytes())
    {
        return Started::Done(request.fail(&error));
    }
    let accepts_tasks = request.revision.is_modern() && shared.tasks_enabled && request.capabilities.has(ClientCapability::Tasks);
    if tool.task == TaskSupport::Required && !accepts_tasks {
        let error = ToolError::missing_capability(ClientCapability::Tasks);
        let error = error.as_protocol(true).expect("a missing capability is a protocol error where there are tasks");
        return Started::Done(request.fail(&error));
    }
    let as_task = accepts_tasks && matches!(tool.task, TaskSupport::Required | TaskSupport::Optional);
    let kind = Kind::Tool(Arc::clone(tool));
    let text = match request.params.arguments {
        Some(raw) => kept(request.frame, raw),
        None => Bytes::from_static(b"{}"),
    };
    let call = match state(shared, request, kind.method(), name.into_owned(), text, pass) {
        Ok(call) => call,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    if !render::check_arguments(tool, arguments) {
        return Started::Done(render::bad_arguments(&call, tool, request.envelope, None));
    }
    run(request, &tool.item, &tool.handler, kind, call, Arguments::json(arguments), as_task)
}

pub(super) fn resource(shared: &Arc<Shared>, offers: &Snapshot, request: &Request<'_>) -> Started {
    let uri = match required_uri(request.params.uri) {
        Ok(uri) => uri,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    let elsewhere = || Some(Arc::new(offers.unlisted()?.resource(&uri)?));
    let (resource, values, pass) = match find_resource(shared, offers, request, &uri, elsewhere) {
        Ok(found) => found,
        Err(reply) => return Started::Done(reply),
    };
    let kind = Kind::Resource(Arc::clone(&resource));
    let call = match state(shared, request, kind.method(), uri.to_string(), Bytes::new(), pass) {
        Ok(call) => call,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    run(request, &resource.item, &resource.handler, kind, call, Arguments::strings(&values), false)
}

/// Names and values of string arguments.
type Pairs<'s> = Vec<(Cow<'s, str>, Cow<'s, str>)>;
type Found<'s> = (Arc<Resource>, Pairs<'s>, Pass);

/// The resource at a URI, with the values of its template's variables, if this caller may read it.
pub(super) fn find_resource<'s>(
    shared: &Arc<Shared>,
    offers: &'s Snapshot,
    request: &Request<'_>,
    uri: &'s str,
    elsewhere: impl FnOnce() -> Option<Arc<Resource>>,
) -> Result<Found<'s>, Reply> {
    let unknown = || {
        let error = RpcError::new(request.revision.resource_not_found_code(), format!("there is no resource `{uri}`"))
            .with_data(&serde_json::json!({"uri": uri}));
        unknown_item(request, &error)
    };
    // What this caller may not see does not stand in the way of what it may.
    let fixed = offers.resource(uri).map(|resource| (Arc::clone(resource), Vec::new()));
    let templates = offers.templates().iter().filter_map(|resource| {
        let values = resource.template.as_ref()?.matches(uri)?;
        Some((offers.at(resource, uri)?, values))
    });
    let mut hidden = None;
    let mut seen = None;
    for found in fixed.into_iter().chain(templates) {
        if sees(&request.exchange.principal, &found.0.item.access) {
            seen = Some(found);
            break;
        }
        hidden.get_or_insert(found);
    }
    let Some((resource, values)) = seen.or(hidden).or_else(|| Some((elsewhere()?, Vec::new()))) else { return Err(unknown()) };
    let wanted = Wanted { operation: "resources/read", item: uri, noun: "resource", access: &resource.item.access };
    match admit(shared, request, wanted) {
        Ok(pass) => Ok((resource, values, pass)),
        Err(refused) => Err(refused.reply_or(unknown)),
    }
}

/// Whether this caller may hear of changes to a resource: if it is there and may be read. Of what only another server knows it cannot be told
/// at once whether it is there.
pub(super) fn may_watch(shared: &Arc<Shared>, offers: &Snapshot, request: &Request<'_>, uri: &str) -> Result<(), Reply> {
    let (_, _, mut pass) = find_resource(shared, offers, request, uri, || None)?;
    pass.conclude(crate::Verdict::Succeeded);
    Ok(())
}

pub(super) fn prompt(shared: &Arc<Shared>, offers: &Snapshot, request: &Request<'_>) -> Started {
    let parsed = required_text(request.params.name, "name").and_then(|name| Ok((name, strings(request.params.arguments, "arguments")?)));
    let (name, values) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    let unknown = || unknown_item(request, &RpcError::invalid_params(format!("there is no prompt `{name}`")));
    let Some(prompt) = offers.prompt(&name) else { return Started::Done(unknown()) };
    let wanted = Wanted { operation: "prompts/get", item: &name, noun: "prompt", access: &prompt.item.access };
    let pass = match admit(shared, request, wanted) {
        Ok(pass) => pass,
        Err(refused) => return Started::Done(refused.reply_or(unknown)),
    };
    if let Some(missing) = prompt.missing_argument(|wanted| values.iter().any(|(name, _)| name == wanted)) {
        let message = format!("prompt `{name}` needs the argument `{missing}`");
        return Started::Done(request.fail(&RpcError::invalid_params(message)));
    }
    if !prompt.is_mirrored()
        && let Some((unknown, _)) = values.iter().find(|(given, _)| !prompt.takes(given))
    {
        let message = format!("prompt `{name}` has no argument `{unknown}`; there are {:?}", prompt.argument_names());
        return Started::Done(request.fail(&RpcError::invalid_params(message)));
    }
    let kind = Kind::Prompt;
    let text = request.params.arguments.map_or_else(Bytes::new, |raw| kept(request.frame, raw));
    let call = match state(shared, request, kind.method(), name.to_string(), text, pass) {
        Ok(call) => call,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    run(request, &prompt.item, &prompt.handler, kind, call, Arguments::strings(&values), false)
}

/// Reads an object of strings.
fn strings<'a>(raw: Option<Raw<'a>>, key: &str) -> Result<Pairs<'a>, RpcError> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let members: BTreeMap<Cow<'a, str>, &'a serde_json::value::RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| RpcError::invalid_params(format!("`params.{key}` must be an object, not {}", describe(raw.get()))))?;
    members
        .into_iter()
        .map(|(name, value)| match serde_json::from_str::<Text<'a>>(value.get()) {
            Ok(Text(text)) => Ok((name, text)),
            Err(_) => Err(RpcError::invalid_params(format!("`params.{key}.{name}` {}", not_text(value.get())))),
        })
        .collect()
}

#[derive(Deserialize)]
struct Reference {
    r#type: String,
    name: Option<String>,
    uri: Option<String>,
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Settled {
    #[serde(default)]
    arguments: HashMap<String, String>,
}

pub(super) fn completion(shared: &Arc<Shared>, offers: &Snapshot, request: &Request<'_>) -> Started {
    let Some((raw_reference, raw_argument)) = request.params.reference.zip(request.params.argument) else {
        let error = RpcError::invalid_params("`params.ref` and `params.argument` must both be objects");
        return Started::Done(request.fail(&error));
    };
    let parsed = typed::<Reference>(raw_reference, "ref").and_then(|reference| {
        let settled = request.params.context.map(|raw| typed::<Settled>(raw, "context")).transpose()?;
        Ok((reference, typed::<Argument>(raw_argument, "argument")?, settled))
    });
    let (reference, argument, settled) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    let unknown = || request.fail(&RpcError::invalid_params("`params.ref` names no prompt and no resource template of this server"));
    let owner = match (reference.r#type.as_str(), reference.name, reference.uri) {
        ("ref/prompt", Some(name), _) => offers.prompt(&name).map(|prompt| (&prompt.item, "prompt", CompletionTarget::Prompt(name.into()))),
        ("ref/resource", _, Some(uri)) => {
            let template = offers.templates().iter().find(|template| template.uri() == uri);
            template.map(|template| (&template.item, "resource", CompletionTarget::Resource(uri.into())))
        }
        _ => None,
    };
    let Some((item, noun, target)) = owner else { return Started::Done(unknown()) };
    let wanted = Wanted { operation: "completion/complete", item: &item.name, noun, access: &item.access };
    let mut pass = match admit(shared, request, wanted) {
        Ok(pass) => pass,
        Err(refused) => return Started::Done(refused.reply_or(unknown)),
    };
    let Some(completion) = offers.completion(target, argument.name.clone()) else {
        // Every argument may be asked about; most have no suggestions.
        pass.conclude(crate::Verdict::Succeeded);
        let none = crate::item::CompletionValues::default();
        return Started::Done(request.result(shared, |object| none.write(object)));
    };
    let mut values = vec![(Cow::Owned(argument.name), Cow::Owned(argument.value))];
    let mut others: Vec<_> = settled.map(|settled| settled.arguments).unwrap_or_default().into_iter().collect();
    others.sort();
    values.extend(others.into_iter().map(|(name, value)| (Cow::Owned(name), Cow::Owned(value))));
    let completion = Arc::clone(completion);
    // What a client comes back with is for the same argument of the same item.
    let asked = serde_json::json!([noun, item.name, values]).to_string().into();
    let call = match state(shared, request, "completion/complete", "completion".to_owned(), asked, pass) {
        Ok(call) => call,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    run(request, &completion.item, &completion.handler, Kind::Completion, call, Arguments::strings(&values), false)
}

fn unknown_item(request: &Request<'_>, error: &RpcError) -> Reply {
    let outcome = if request.envelope == Envelope::Bare { Outcome::UnknownItem } else { Outcome::Answered };
    Reply::error(request.envelope, Some(&request.id), error, outcome)
}

/// The largest frame that a part of it may keep in memory, in bytes.
const KEPT_WHOLE: usize = 4 * 1_024;

/// A part of a frame, for longer than the frame is looked at. A small part does not keep a large frame.
pub(super) fn kept(frame: &Bytes, raw: Raw<'_>) -> Bytes {
    let part = raw.get().as_bytes();
    if frame.len() > KEPT_WHOLE && part.len() < frame.len() / 2 { Bytes::copy_from_slice(part) } else { frame.slice_ref(part) }
}

/// Gathers what a call knows.
pub(super) fn state(
    shared: &Arc<Shared>,
    request: &Request<'_>,
    method: &str,
    target: String,
    arguments: Bytes,
    pass: Pass,
) -> Result<Arc<CallState>, RpcError> {
    let listens = method == "subscriptions/listen";
    let most = if listens { shared.limits.max_listeners } else { shared.limits.max_in_flight };
    if shared.in_flight.is_full(&request.exchange.principal, request.exchange.transport, listens, most) {
        return Err(RpcError::new(code::BUSY, "the server is running as many calls as it may; try again shortly"));
    }
    let mut asks = Asks::new(if request.revision.is_modern() { Asking::Retry } else { Asking::Stream });
    if request.revision.is_modern() && (request.params.input_responses.is_some() || request.params.request_state.is_some()) {
        let token = optional_text(request.params.request_state, "requestState")?;
        request_state::resume(
            &mut asks,
            shared,
            &request.exchange.principal,
            method,
            &target,
            &arguments,
            request.params.input_responses,
            token.as_deref(),
        )?;
    }
    Ok(Arc::new(CallState {
        shared: Arc::clone(shared),
        principal: request.exchange.principal.clone(),
        transport: request.exchange.transport,
        revision: request.revision,
        capabilities: request.capabilities,
        id: if request.frame.len() > KEPT_WHOLE { request.id.detached() } else { request.id.clone() },
        target,
        arguments,
        meta: request.params.meta.raw.map_or_else(Bytes::new, |raw| kept(request.frame, raw)),
        progress_token: request.progress_token.clone(),
        log_level: request.log_level,
        outlet: request.exchange.outlet.clone(),
        session: request.session.clone(),
        asks: Mutex::new(asks),
        control: Control::default(),
        note: Note::new(pass),
        progress: Mutex::new(f64::NEG_INFINITY),
        releases: request.exchange.mirrors() && request.revision.primes_streams(),
    }))
}

/// Runs a handler, in place as far as it goes.
pub(super) fn run(
    request: &Request<'_>,
    item: &ItemMeta,
    handler: &Handler,
    kind: Kind,
    call: Arc<CallState>,
    arguments: Arguments<'_>,
    as_task: bool,
) -> Started {
    let task = if as_task {
        let Some(task) = start_task(&call) else {
            let error = ToolError::new("the server keeps too many tasks; try again later");
            return Started::Done(render::reply(&call, &kind, request.envelope, Answer::error(error)));
        };
        context(&call).asks().asking = Asking::Task(Arc::clone(&task));
        Some(task)
    } else {
        None
    };
    let cx = context(&call);
    let invocation =
        catch_unwind(AssertUnwindSafe(|| handler.call(&cx, arguments))).unwrap_or_else(|_| Invocation::ready(Answer::panicked()));
    let invocation = call.shared.intercepts.iter().rev().fold(invocation, |inner, intercept| {
        let inner = match inner.0 {
            crate::call::Started::Ready(answer) => Box::pin(std::future::ready(answer)) as crate::call::BoxFuture<'static, Answer>,
            crate::call::Started::Running(work) => work,
        };
        Invocation(crate::call::Started::Running(intercept.around(&cx, kind.method(), &item.name, inner)))
    });
    let timeout: Option<Duration> = item.timeout.or(call.shared.limits.call_timeout);
    match (invocation.0, task) {
        (crate::call::Started::Ready(answer), None) => Started::Done(render::reply(&call, &kind, request.envelope, answer)),
        (crate::call::Started::Running(work), None) => {
            let mut running = RunningCall::new(work, call, kind, request.envelope, request.scope.clone(), timeout);
            running.foreign = matches!(handler, Handler::Foreign(_));
            Started::Running(running)
        }
        (started, Some(task)) => {
            let work = match started {
                crate::call::Started::Ready(answer) => Box::pin(std::future::ready(answer)) as crate::call::BoxFuture<'static, Answer>,
                crate::call::Started::Running(work) => work,
            };
            let reply = render::task_created(&call, request.envelope, &task);
            run_task(RunningCall::in_background(work, call, kind, timeout), task);
            Started::Done(reply)
        }
    }
}
