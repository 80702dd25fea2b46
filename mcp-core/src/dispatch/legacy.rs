//! Requests of the revisions that open with `initialize`.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::exchange::{Link, request_scope};
use super::modern::{id_in_use, unknown_method};
use super::reply::{Envelope, Outcome, Reply};
use super::{Dispatcher, Exchange, Request, Shared, Started, call, queries};
use crate::protocol::capabilities::ClientCapabilities;
use crate::protocol::error::{RpcError, code};
use crate::protocol::frame::{Incoming, Message, RequestId, decode, describe};
use crate::protocol::log_level::LogLevel;
use crate::protocol::meta::{Params, required_text, required_uri};
use crate::protocol::revision::Revision;
use crate::protocol::scan::Raw;
use crate::registry::ListKind;
use crate::runtime::unix_seconds;
use crate::session::{Full, Session};

/// The session of an exchange, if it has one.
///
/// # Errors
/// The reply that refuses a session id which is not one of ours, was revoked, or is somebody else's.
pub(super) fn check_session(shared: &Shared, exchange: &Exchange) -> Result<Option<Arc<Session>>, Reply> {
    let headers = match &exchange.link {
        Link::Connection(connection) => return Ok(connection.session()),
        Link::Headers { headers, .. } => headers,
    };
    let Some(token) = headers.get("mcp-session-id") else { return Ok(None) };
    // The stateless revisions have no sessions and ignore the header.
    let version = headers.get("mcp-protocol-version").and_then(|version| std::str::from_utf8(version).ok());
    if version.is_some_and(|version| Revision::parse(version).is_none_or(Revision::is_modern)) {
        return Ok(None);
    }
    let now = unix_seconds(shared.runtime.now());
    let session = std::str::from_utf8(token).ok().and_then(|token| shared.sessions.find(token, &exchange.principal, now));
    match session {
        Some(session) => Ok(Some(session)),
        None => {
            super::admit::record_refusal(shared, exchange, "session", "unknown session");
            Err(unknown_session(None))
        }
    }
}

/// The refusal of a session that is not one of ours, was revoked, or is somebody else's.
pub(super) fn unknown_session(id: Option<&RequestId>) -> Reply {
    let error = RpcError::new(code::SESSION_NOT_FOUND, "there is no such session; open a new one");
    Reply::error(Envelope::JsonRpc, id, &error, Outcome::UnknownSession)
}

impl Dispatcher {
    /// Refuses a frame whose session the transport does not know, in the words in which the
    /// dispatcher refuses sessions it does not know itself.
    pub fn unknown_session(&self, frame: &Bytes) -> Reply {
        match decode(frame, self.shared().limits.max_depth) {
            Ok(Incoming::One(Message::Request { id, .. })) => unknown_session(Some(&id)),
            _ => unknown_session(None),
        }
    }
}

/// Refuses a batch where there is none.
pub(super) fn check_batch(shared: &Shared, exchange: &Exchange) -> Result<(), Reply> {
    let revision = match check_session(shared, exchange)? {
        Some(session) => session.revision,
        None => return Err(no_session(None)),
    };
    if revision.has_batches() {
        return Ok(());
    }
    let error = RpcError::invalid_request(format!("protocol revision {revision} has no batches; send one message at a time"));
    Err(Reply::refusal(&error, Outcome::Malformed))
}

/// Refuses a message that needs a session and has none.
pub(super) fn no_session(id: Option<&RequestId>) -> Reply {
    let error = RpcError::invalid_params(
        "there is no session; open one with `initialize`, or send `params._meta[\"io.modelcontextprotocol/protocolVersion\"]` with every request",
    );
    Reply::error(Envelope::JsonRpc, id, &error, Outcome::Malformed)
}

/// Takes the response to a request of ours.
pub(super) fn answered(shared: &Shared, exchange: &Exchange, id: &RequestId, body: Result<Raw<'_>, Raw<'_>>) -> Reply {
    match check_session(shared, exchange) {
        Ok(Some(session)) => {
            if let Ok(id) = serde_json::from_str::<String>(id.as_json()) {
                shared.questions.answer(&id, session.id(), body.map(keep).map_err(keep));
            }
            Reply::accepted()
        }
        Ok(None) => {
            let error = RpcError::invalid_request("the server asked nothing, so there is nothing to respond to");
            Reply::refusal(&error, Outcome::Malformed)
        }
        Err(reply) => reply,
    }
}

/// Takes a value out of its message.
fn keep(raw: Raw<'_>) -> Box<RawValue> {
    serde_json::from_str(raw.get()).expect("what was scanned is JSON")
}

/// Answers a request, within a session or to open one.
pub(super) fn start<'a>(
    dispatcher: &Dispatcher,
    frame: &'a Bytes,
    exchange: &'a Exchange,
    id: RequestId,
    method: &str,
    params: Params<'a>,
) -> Started {
    let shared = dispatcher.shared();
    if method == "initialize" {
        return Started::Done(initialize(shared, exchange, &id, &params));
    }
    let session = match check_session(shared, exchange) {
        Ok(session) => session,
        // The same refusal as for a notification, now that there is an id to answer to.
        Err(_) => return Started::Done(unknown_session(Some(&id))),
    };
    let Some(session) = session else {
        if method == "ping" {
            return Started::Done(Reply::result(Envelope::JsonRpc, &id, 2, |out| out.extend_from_slice(b"{}")));
        }
        return Started::Done(no_session(Some(&id)));
    };
    let progress_token = match params.meta.progress_token(frame) {
        Ok(token) => token,
        Err(error) => return Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), &error, Outcome::Answered)),
    };
    let request = Request {
        id,
        params,
        frame,
        exchange,
        revision: session.revision,
        capabilities: session.capabilities,
        log_level: None,
        progress_token,
        scope: request_scope(exchange, Some(&session)),
        session: Some(session),
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
    let reply = match method {
        "tools/call" if offers.has_tools() => return call::tool(shared, &offers, request),
        "resources/read" if offers.has_resources() => return call::resource(shared, &offers, request),
        "prompts/get" if offers.has_prompts() => return call::prompt(shared, &offers, request),
        "completion/complete" if offers.has_completions() => return call::completion(shared, &offers, request),
        "tools/list" if offers.has_tools() => queries::list(shared, &offers, request, ListKind::Tools),
        "prompts/list" if offers.has_prompts() => queries::list(shared, &offers, request, ListKind::Prompts),
        "resources/list" if offers.has_resources() => queries::list(shared, &offers, request, ListKind::Resources),
        "resources/templates/list" if offers.has_resources() => queries::list(shared, &offers, request, ListKind::Templates),
        "ping" => empty(request),
        "logging/setLevel" => set_log_level(shared, request),
        "resources/subscribe" if offers.has_resources() => subscribe(shared, &offers, request),
        "resources/unsubscribe" if offers.has_resources() => unsubscribe(shared, request),
        _ => request.fail(&unknown_method(method)),
    };
    Started::Done(reply)
}

/// A result without members.
fn empty(request: &Request<'_>) -> Reply {
    Reply::result(request.envelope, &request.id, 2, |out| out.extend_from_slice(b"{}"))
}

fn initialize(shared: &Arc<Shared>, exchange: &Exchange, id: &RequestId, params: &Params<'_>) -> Reply {
    let opened = required_text(params.protocol_version, "protocolVersion").and_then(|version| {
        let Some(capabilities) = params.capabilities else {
            return Err(RpcError::invalid_params("`params.capabilities` is missing; it must be an object"));
        };
        if let Some(info) = params.client_info.filter(|info| !info.is_object()) {
            return Err(RpcError::invalid_params(format!("`params.clientInfo` must be an object, not {}", describe(info.get()))));
        }
        let capabilities = ClientCapabilities::parse(capabilities, "capabilities")?;
        Ok((Revision::negotiate(&version), capabilities))
    });
    let (revision, capabilities) = match opened {
        Ok(opened) => opened,
        Err(error) => return Reply::error(Envelope::JsonRpc, Some(id), &error, Outcome::Malformed),
    };
    let now = unix_seconds(shared.runtime.now());
    let session = Arc::new(Session::open(revision, capabilities, &exchange.principal, now));
    let mut reply = Reply::result(Envelope::JsonRpc, id, 1_024, |out| queries::write_initialize(shared, revision, out));
    match &exchange.link {
        Link::Connection(connection) => connection.set_session(session),
        Link::Headers { .. } => reply.outcome = Outcome::Opened { session: shared.sessions.seal(&session) },
    }
    reply
}

fn set_log_level(shared: &Shared, request: &Request<'_>) -> Reply {
    let Some(raw) = request.params.level else {
        return request.fail(&RpcError::invalid_params("`params.level` is missing; it must be a log level"));
    };
    let level = match LogLevel::parse(raw, "level") {
        Ok(level) => level,
        Err(error) => return request.fail(&error),
    };
    remember(request, |session| shared.sessions.set_log_level(session, level, unix_seconds(shared.runtime.now())))
}

fn subscribe(shared: &Arc<Shared>, offers: &crate::registry::Snapshot, request: &Request<'_>) -> Reply {
    let uri = match required_uri(request.params.uri) {
        Ok(uri) => uri,
        Err(error) => return request.fail(&error),
    };
    if let Err(reply) = call::may_watch(shared, offers, request, &uri) {
        return reply;
    }
    remember(request, |session| {
        shared.sessions.subscribe(session, &uri, unix_seconds(shared.runtime.now()))?;
        shared.watching_changed();
        Ok(())
    })
}

fn unsubscribe(shared: &Shared, request: &Request<'_>) -> Reply {
    let uri = match required_uri(request.params.uri) {
        Ok(uri) => uri,
        Err(error) => return request.fail(&error),
    };
    remember(request, |session| {
        shared.sessions.unsubscribe(session, &uri);
        shared.watching_changed();
        Ok(())
    })
}

fn remember(request: &Request<'_>, change: impl FnOnce(&Session) -> Result<(), Full>) -> Reply {
    let Some(session) = &request.session else { return no_session(Some(&request.id)) };
    match change(session) {
        Ok(()) => empty(request),
        Err(Full(message)) => request.fail(&RpcError::new(code::BUSY, message)),
    }
}
