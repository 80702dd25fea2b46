//! Streams of news: `subscriptions/listen` of the stateless revision, and what sessions hear.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::reply::Envelope;
use super::running::RunningCall;
use super::watching::{SessionOf, Stream};
use super::{Pass, Request, Shared, Started, call};
use crate::access::Principal;
use crate::call::Answer;
use crate::changes::{Change, notification};
use crate::dispatch::render::Kind;
use crate::item::CompletionValues;
use crate::json::{Object, push_array, push_str};
use crate::outlet::Outlet;
use crate::protocol::capabilities::ClientCapability;
use crate::protocol::error::RpcError;
use crate::protocol::frame::RequestId;
use crate::protocol::meta::typed;
use crate::session::Session;
use crate::tool_error::ToolError;

/// Most resources and tasks one stream may watch.
const MAX_WATCHED: usize = 1_000;

/// What a client wants to hear of (2026-07-28, basic/patterns/subscriptions).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    tools_list_changed: bool,
    prompts_list_changed: bool,
    resources_list_changed: bool,
    resource_subscriptions: BTreeSet<String>,
    task_ids: BTreeSet<String>,
}

impl Filter {
    fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.tools_list_changed,
            Change::Prompts => self.prompts_list_changed,
            Change::Resources => self.resources_list_changed,
            Change::Resource(uri) => self.resource_subscriptions.contains(&**uri),
            Change::Task(id) => self.task_ids.contains(&**id),
            Change::SessionEnded => false,
        }
    }

    /// The first message of the stream.
    fn acknowledgment(&self, id: &RequestId) -> Bytes {
        let mut out = Vec::with_capacity(256);
        let mut frame = Object::open(&mut out);
        frame.raw("jsonrpc", "\"2.0\"");
        frame.raw("method", "\"notifications/subscriptions/acknowledged\"");
        let mut params = Object::open(frame.key("params"));
        let mut meta = Object::open(params.key("_meta"));
        meta.raw("io.modelcontextprotocol/subscriptionId", id.as_json());
        meta.close();
        let mut granted = Object::open(params.key("notifications"));
        for (key, wanted) in [
            ("toolsListChanged", self.tools_list_changed),
            ("promptsListChanged", self.prompts_list_changed),
            ("resourcesListChanged", self.resources_list_changed),
        ] {
            if wanted {
                granted.raw(key, "true");
            }
        }
        for (key, watched) in [("resourceSubscriptions", &self.resource_subscriptions), ("taskIds", &self.task_ids)] {
            if !watched.is_empty() {
                push_array(granted.key(key), watched, |out, name| push_str(out, name));
            }
        }
        granted.close();
        params.close();
        frame.close();
        out.into()
    }
}

pub(super) fn modern(shared: &Arc<Shared>, request: &Request<'_>) -> Started {
    let Some(raw) = request.params.notifications else {
        return Started::Done(request.fail(&RpcError::invalid_params("`params.notifications` is missing; it must be an object")));
    };
    let mut filter: Filter = match typed(raw, "notifications") {
        Ok(filter) => filter,
        Err(error) => return Started::Done(request.fail(&error)),
    };
    if filter.resource_subscriptions.len() + filter.task_ids.len() > MAX_WATCHED {
        let message = format!("one stream may watch at most {MAX_WATCHED} resources and tasks; open another");
        return Started::Done(request.fail(&RpcError::invalid_params(message)));
    }
    if !filter.task_ids.is_empty() && !request.capabilities.has(ClientCapability::Tasks) {
        let error = ToolError::missing_capability(ClientCapability::Tasks);
        return Started::Done(request.fail(&error.as_protocol(true).unwrap_or_else(RpcError::internal)));
    }
    let offers = shared.live.snapshot();
    // Only what this caller may read is granted, and only tasks of its own.
    filter.resource_subscriptions.retain(|uri| call::may_watch(shared, &offers, request, uri).is_ok());
    let now = shared.runtime.now();
    filter.task_ids.retain(|id| shared.tasks.find(id, &request.exchange.principal, now).is_some());
    let state =
        match call::state(shared, request, "subscriptions/listen", "subscriptions/listen".to_owned(), Bytes::new(), Pass::unrecorded()) {
            Ok(state) => state,
            Err(error) => return Started::Done(request.fail(&error)),
        };
    let (id, outlet, principal) = (request.id.clone(), request.exchange.outlet.clone(), request.exchange.principal.clone());
    let shared = Arc::clone(shared);
    let resources = Arc::new(filter.resource_subscriptions.clone());
    let open = (!resources.is_empty()).then(|| shared.watch(Stream::Resources(principal.binding(), resources)));
    // Listening starts before the acknowledgment, so that nothing in between is missed.
    let mut news = shared.changes.listen();
    let shutdown = no_longer(&shared, &request.exchange.principal);
    let ended = request.exchange.ended();
    let work = async move {
        let _open = open;
        let mut over = std::pin::pin!(select(shutdown, ended));
        let closed = || Answer::completion_value(CompletionValues::default());
        if outlet.send(filter.acknowledgment(&id)).await.is_err() {
            return closed();
        }
        loop {
            let change = select(news.recv(), async {
                over.as_mut().await;
            })
            .await;
            let changes = match change {
                None | Some(Err(RecvError::Closed)) => return closed(),
                Some(Ok(change)) => vec![change],
                // What was missed is not known; the lists may all have changed.
                Some(Err(RecvError::Lagged(_))) => {
                    let mut all = vec![Change::Tools, Change::Prompts, Change::Resources];
                    all.extend(filter.resource_subscriptions.iter().map(|uri| Change::Resource(uri.as_str().into())));
                    all
                }
            };
            for change in changes.into_iter().filter(|change| filter.wants(change)) {
                let task = match &change {
                    Change::Task(id) => match shared.tasks.find(id, &principal, shared.runtime.now()) {
                        Some(task) => Some(task.members()),
                        None => continue,
                    },
                    _ => None,
                };
                if outlet.send(notification(&change, Some(&id), task.as_deref()).into()).await.is_err() {
                    return closed();
                }
            }
        }
    };
    Started::Running(RunningCall::new(Box::pin(work), state, Kind::Listen, Envelope::JsonRpc, request.scope.clone(), None))
}

/// Sends a legacy session's news until its outlet closes or the server shuts down.
///
/// Listens from the moment of the call, not of the first poll, so that nothing is missed in between.
pub(super) fn legacy(
    shared: Arc<Shared>,
    session: impl Fn() -> Option<Arc<Session>> + Send + Sync + 'static,
    principal: &Principal,
    outlet: Outlet,
) -> impl Future<Output = ()> + Send + 'static {
    let mut news = shared.changes.listen();
    let shutdown = no_longer(&shared, principal);
    let session: SessionOf = Arc::new(session);
    let open = shared.watch(Stream::Session(Arc::clone(&session)));
    async move {
        let _open = open;
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let change = select(news.recv(), shutdown.as_mut()).await;
            let changes = match change {
                None | Some(Err(RecvError::Closed)) => return,
                Some(Ok(change)) => vec![change],
                Some(Err(RecvError::Lagged(_))) => vec![Change::Tools, Change::Prompts, Change::Resources],
            };
            let Some(session) = session() else { continue };
            if shared.sessions.is_revoked(&session) {
                return;
            }
            for change in changes {
                let hears = match &change {
                    Change::Tools | Change::Prompts | Change::Resources => true,
                    Change::Resource(uri) => shared.sessions.subscribes(&session, uri),
                    Change::Task(_) | Change::SessionEnded => false,
                };
                if hears && outlet.send(notification(&change, None, None).into()).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Completes when the server shuts down, or the caller has to identify itself again: what it hears it hears as whom it was.
fn no_longer(shared: &Shared, principal: &Principal) -> impl Future<Output = ()> + Send + use<> {
    let mut shutdown = shared.shutdown.subscribe();
    let left = principal.expires_at().map(|expiry| expiry.duration_since(shared.runtime.now()).unwrap_or_default());
    let expiry = left.map(|left| shared.runtime.sleep(left));
    async move {
        let down = async {
            let _ = shutdown.wait_for(|down| *down).await;
        };
        match expiry {
            Some(expiry) => {
                select(down, expiry).await;
            }
            None => down.await,
        }
    }
}

/// The first of two futures, unless the second ends before it.
async fn select<T>(first: impl Future<Output = T>, second: impl Future<Output = ()>) -> Option<T> {
    let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
    std::future::poll_fn(|cx| {
        if let std::task::Poll::Ready(value) = first.as_mut().poll(cx) {
            return std::task::Poll::Ready(Some(value));
        }
        second.as_mut().poll(cx).map(|()| None)
    })
    .await
}
