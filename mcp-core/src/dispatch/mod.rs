//! The one place that answers messages.

mod admit;
mod builder;
mod call;
mod exchange;
mod foreign_skills;
mod in_flight;
mod legacy;
mod listen;
mod loud;
mod mirror;
mod mirrored;
mod modern;
mod plain;
mod queries;
mod render;
mod reply;
mod request_state;
mod running;
#[cfg(feature = "skills")]
mod skills;
mod strangers;
mod watching;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;

pub(crate) use admit::{Note, Pass};
pub use builder::{Builder, Limits, ServerInfo};
pub(crate) use exchange::request_scope;
pub use exchange::{Connection, Exchange, Headers, Link};
pub use reply::{Challenge, Outcome, Reply};
pub use running::RunningCall;
pub use strangers::Stranger;

use self::in_flight::InFlight;
use self::reply::{Envelope, outcome_of};
use crate::call::{BoxFuture, Context, States};
use crate::changes::Changes;
use crate::intercept::Intercept;
use crate::outlet::Outlet;
use crate::protocol::capabilities::{ClientCapabilities, ClientCapability};
use crate::protocol::error::RpcError;
use crate::protocol::frame::{Incoming, Malformed, Message, RequestId, decode};
use crate::protocol::log_level::LogLevel;
use crate::protocol::meta::Params;
use crate::protocol::revision::Revision;
use crate::questions::Questions;
use crate::registry::{Live, LiveRegistry};
use crate::runtime::Runtime;
use crate::session::{Session, Sessions};
use crate::tasks::Tasks;

const VERSION_HEADER: &str = "mcp-protocol-version";

/// What all calls of one server share.
pub(crate) struct Shared {
    pub(crate) live: Live,
    pub(crate) lists: crate::registry::ListSettings,
    pub(crate) states: States,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) sessions: Sessions,
    pub(crate) questions: Questions,
    pub(crate) changes: Changes,
    pub(crate) tasks: Tasks,
    pub(crate) in_flight: InFlight,
    pub(crate) limits: Limits,
    pub(crate) info: ServerInfo,
    pub(crate) tasks_enabled: bool,
    #[cfg(feature = "skills")]
    pub(crate) skills: crate::skills::Skills,
    /// Extensions announced, with their settings as JSON.
    pub(crate) extensions: Vec<(String, String)>,
    pub(crate) intercepts: Vec<Arc<dyn Intercept>>,
    pub(crate) audits: Vec<Arc<dyn crate::Audit>>,
    pub(crate) audits_arguments: bool,
    pub(crate) limiters: Vec<Arc<dyn crate::Limit>>,
    pub(crate) watchers: Vec<builder::Watcher>,
    roots_watchers: Vec<builder::RootsWatcher>,
    pub(crate) watching: watching::Watching,
    loud: loud::Loud,
    strangers: strangers::Strangers,
    pub(crate) shutdown: tokio::sync::watch::Sender<bool>,
}

/// Answers JSON-RPC messages from the items of one registry.
///
/// All transports share one dispatcher and add only framing, so an item behaves the same
/// wherever it is called from. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher(Arc<Shared>);

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").field("server", &self.0.info.name).finish_non_exhaustive()
    }
}

/// A frame that was answered, or is being answered.
#[must_use = "a message is answered by its reply"]
pub enum Started {
    /// The answer is there.
    Done(Reply),
    /// The answer takes waiting for.
    Running(RunningCall),
    /// A batch whose answers take waiting for.
    Batch(RunningBatch),
}

impl Started {
    /// Whether the answer has to come from another server, so that there is nothing to be had by polling at once. Messages that come
    /// after it know of the call from now on.
    pub fn is_elsewhere(&mut self) -> bool {
        match self {
            Self::Running(call) if call.foreign => {
                call.register();
                true
            }
            _ => false,
        }
    }
}

impl std::fmt::Debug for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "Started::Done",
            Self::Running(_) => "Started::Running",
            Self::Batch(_) => "Started::Batch",
        })
    }
}

impl Future for Started {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Reply> {
        match self.get_mut() {
            Self::Done(reply) => Poll::Ready(Reply { body: std::mem::take(&mut reply.body), outcome: reply.outcome.clone() }),
            Self::Running(call) => Pin::new(call).poll(cx),
            Self::Batch(batch) => Pin::new(batch).poll(cx),
        }
    }
}

/// The messages of a batch while they run (2025-03-26, basic, "Batching").
#[derive(Debug)]
pub struct RunningBatch {
    running: Vec<Option<Started>>,
    replies: Vec<Bytes>,
}

impl Future for RunningBatch {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Reply> {
        let this = &mut *self;
        for (slot, body) in this.running.iter_mut().zip(&mut this.replies) {
            if let Some(started) = slot
                && let Poll::Ready(reply) = Pin::new(started).poll(cx)
            {
                *slot = None;
                *body = reply.body;
            }
        }
        if this.running.iter().any(Option::is_some) {
            return Poll::Pending;
        }
        Poll::Ready(join_batch(&this.replies))
    }
}

fn join_batch(replies: &[Bytes]) -> Reply {
    if replies.iter().all(Bytes::is_empty) {
        return Reply::accepted();
    }
    let mut out = Vec::new();
    crate::json::push_array(&mut out, replies.iter().filter(|reply| !reply.is_empty()), |out, reply| out.extend_from_slice(reply));
    Reply { body: out.into(), outcome: Outcome::Answered }
}

/// A request whose revision and caller are settled.
pub(crate) struct Request<'a> {
    pub(crate) id: RequestId,
    pub(crate) params: Params<'a>,
    pub(crate) frame: &'a Bytes,
    pub(crate) exchange: &'a Exchange,
    pub(crate) revision: Revision,
    pub(crate) capabilities: ClientCapabilities,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) progress_token: Option<Bytes>,
    pub(crate) session: Option<Arc<Session>>,
    pub(crate) scope: in_flight::Scope,
    pub(crate) envelope: Envelope,
}

impl Request<'_> {
    pub(crate) fn fail(&self, error: &RpcError) -> Reply {
        let outcome = outcome_of(error, self.revision.is_modern(), self.envelope);
        Reply::error(self.envelope, Some(&self.id), error, outcome)
    }

    /// A result whose object `write` appends, with what every result of the revision carries.
    pub(crate) fn result(&self, shared: &Shared, write: impl FnOnce(&mut crate::json::Object<'_>)) -> Reply {
        Reply::result(self.envelope, &self.id, 256, |out| {
            let mut object = crate::json::Object::open(out);
            write(&mut object);
            if self.revision.has_result_type() {
                object.text("resultType", "complete");
            }
            if self.revision.names_server_in_results() {
                object.raw("_meta", &shared.lists.server_meta);
            }
            object.close();
        })
    }
}

impl Dispatcher {
    /// Starts to build a dispatcher.
    pub fn builder(registry: crate::Registry, runtime: Arc<dyn Runtime>) -> Builder {
        Builder::new(registry, runtime)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Answers one frame.
    ///
    /// Infallible: every failure is itself a reply.
    pub async fn handle(&self, frame: Bytes, exchange: Exchange) -> Reply {
        self.start(&frame, &exchange).await
    }

    /// Begins to answer one frame, and answers at once what needs no waiting.
    pub fn start(&self, frame: &Bytes, exchange: &Exchange) -> Started {
        if frame.len() > self.0.limits.max_message_bytes {
            return Started::Done(Reply::too_large(self.0.limits.max_message_bytes));
        }
        match decode(frame, self.0.limits.max_depth) {
            Ok(Incoming::One(message)) => self.start_message(frame, exchange, message),
            Ok(Incoming::Batch(messages)) => self.start_batch(frame, exchange, messages),
            Err(malformed) => Started::Done(self.malformed(exchange, &malformed)),
        }
    }

    /// Answers what could not be decoded.
    fn malformed(&self, exchange: &Exchange, malformed: &Malformed) -> Reply {
        if let Err(reply) = legacy::check_session(&self.0, exchange) {
            return reply;
        }
        let outcome = outcome_of(&malformed.error, true, Envelope::JsonRpc);
        Reply::error(Envelope::JsonRpc, malformed.id.as_ref(), &malformed.error, outcome)
    }

    fn start_message(&self, frame: &Bytes, exchange: &Exchange, message: Message<'_>) -> Started {
        match message {
            Message::Request { id, method, params } => self.start_request(frame, exchange, id, &method, params),
            Message::Notification { method, params } => Started::Done(self.notified(frame, exchange, &method, params)),
            Message::Response { id, body } => match self.admit(exchange) {
                Ok(()) => Started::Done(legacy::answered(&self.0, exchange, &id, body)),
                Err(reply) => Started::Done(reply),
            },
        }
    }

    fn start_request(&self, frame: &Bytes, exchange: &Exchange, id: RequestId, method: &str, params: Params<'_>) -> Started {
        if let Err((error, outcome)) = admit::gate(&self.0, exchange) {
            return Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), &error, outcome));
        }
        let named = exchange.header(VERSION_HEADER);
        if named.is_none() && exchange.repeats_header(VERSION_HEADER) {
            let error = mirror::mismatch("the header MCP-Protocol-Version must not occur more than once".to_owned());
            return Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), &error, Outcome::Malformed));
        }
        let version = match params.meta.check().and_then(|()| params.meta.version()) {
            Ok(version) => version,
            Err(error) => return Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), &error, Outcome::Malformed)),
        };
        let modern = version.is_some()
            || named.is_some_and(|named| std::str::from_utf8(named).ok().and_then(Revision::parse).is_none_or(Revision::is_modern));
        if modern {
            modern::start(self, frame, exchange, id, method, params, version.as_deref())
        } else {
            legacy::start(self, frame, exchange, id, method, params)
        }
    }

    fn start_batch(&self, frame: &Bytes, exchange: &Exchange, messages: Vec<Result<Message<'_>, Malformed>>) -> Started {
        if let Err(reply) = legacy::check_batch(&self.0, exchange) {
            return Started::Done(reply);
        }
        if messages.len() > self.0.limits.max_batch {
            let most = self.0.limits.max_batch;
            let error = RpcError::invalid_request(format!("the batch has {} messages; {most} are the most", messages.len()));
            return Started::Done(Reply::refusal(&error, Outcome::Malformed));
        }
        let started: Vec<Started> = messages
            .into_iter()
            .map(|message| match message {
                Ok(Message::Request { id, method, .. }) if method == "initialize" => {
                    let error = RpcError::invalid_request("`initialize` must not be part of a batch");
                    Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), &error, Outcome::Malformed))
                }
                Ok(Message::Request { id, params, .. }) if params.meta.version().is_ok_and(|version| version.is_some()) => {
                    let error =
                        RpcError::invalid_request("a batch belongs to its session; send a request that names its own version by itself");
                    Started::Done(Reply::error(Envelope::JsonRpc, Some(&id), &error, Outcome::Malformed))
                }
                Ok(message) => self.start_message(frame, exchange, message),
                Err(malformed) => Started::Done(self.malformed(exchange, &malformed)),
            })
            .collect();
        let replies = vec![Bytes::new(); started.len()];
        Started::Batch(RunningBatch { running: started.into_iter().map(Some).collect(), replies })
    }

    /// Takes a notification.
    fn notified(&self, frame: &Bytes, exchange: &Exchange, method: &str, params: Params<'_>) -> Reply {
        let session = match legacy::check_session(&self.0, exchange) {
            Ok(session) => session,
            Err(reply) => return reply,
        };
        if method == "notifications/cancelled"
            && let Some(id) = params.request_id
        {
            let id = RequestId::from_frame(frame, id);
            self.0.in_flight.cancel(&request_scope(exchange, session.as_deref()), &id);
        }
        if method == "notifications/roots/list_changed"
            && let Some(session) = session.filter(|session| session.capabilities.has(ClientCapability::Roots))
        {
            self.0.roots_watchers.iter().for_each(|told| told(&session.caller_key()));
        }
        Reply::accepted()
    }

    /// Ends the session of an HTTP client (2025-11-25, basic/transports, "Session Management").
    pub fn end_session(&self, exchange: &Exchange) -> Reply {
        match legacy::check_session(&self.0, exchange) {
            Ok(Some(session)) => {
                self.0.sessions.revoke(&session, crate::runtime::unix_seconds(self.0.runtime.now()));
                self.0.in_flight.cancel_all(&in_flight::Scope::Session(session.id()));
                self.0.changes.tell(crate::Change::SessionEnded);
                self.0.watching_changed();
                Reply::accepted()
            }
            Ok(None) => legacy::no_session(None),
            Err(reply) => reply,
        }
    }

    /// Sends the news of a legacy session to `outlet` until it closes or the server shuts down.
    ///
    /// # Errors
    /// The reply that refuses, when the exchange has no session.
    pub fn news(&self, exchange: &Exchange, outlet: Outlet) -> Result<BoxFuture<'static, ()>, Reply> {
        self.admit(exchange)?;
        let Some(session) = legacy::check_session(&self.0, exchange)? else { return Err(legacy::no_session(None)) };
        let of_session = Arc::clone(&session);
        let news = listen::legacy(Arc::clone(&self.0), move || Some(Arc::clone(&of_session)), &exchange.principal, outlet);
        // Between the first look and the start of listening the session may have ended.
        if self.0.sessions.is_revoked(&session) {
            return Err(legacy::unknown_session(None));
        }
        Ok(Box::pin(news))
    }

    /// Sends the news of whatever session a connection has to `outlet`, until it closes, the server shuts down or the
    /// identity of the caller expires.
    pub fn connection_news(&self, connection: Arc<Connection>, principal: &crate::Principal, outlet: Outlet) -> BoxFuture<'static, ()> {
        Box::pin(listen::legacy(Arc::clone(&self.0), move || connection.session(), principal, outlet))
    }

    /// Tells that a connection takes no more input: its streams of news end, and questions to its
    /// client will not be answered. Calls that run are let finish.
    pub fn input_ended(&self, connection: &Connection) {
        connection.end();
        if let Some(session) = connection.session() {
            self.0.questions.abandon(session.id());
        }
    }

    /// Forgets a connection that has ended and cancels what it left running.
    pub fn disconnected(&self, connection: &Connection) {
        self.0.in_flight.cancel_all(&connection.scope());
        if let Some(session) = connection.session() {
            self.0.in_flight.cancel_all(&in_flight::Scope::Session(session.id()));
            self.0.sessions.forget(&session);
        }
    }

    /// The revision an exchange is in, as far as its session or headers tell.
    pub fn revision_of(&self, exchange: &Exchange) -> Revision {
        match legacy::check_session(&self.0, exchange) {
            Ok(Some(session)) => session.revision,
            _ => exchange
                .header("mcp-protocol-version")
                .and_then(|named| Revision::parse(std::str::from_utf8(named).ok()?))
                .unwrap_or(Revision::LATEST),
        }
    }

    /// A key for the session of an exchange, to keep resumable streams apart.
    pub fn session_key(&self, exchange: &Exchange) -> Option<[u8; 24]> {
        legacy::check_session(&self.0, exchange).ok().flatten().map(|session| session.id())
    }

    /// A name that nobody can guess, for what a transport keeps.
    pub fn new_token(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(crate::seal::random()))
    }

    /// The registry, to change it while serving.
    pub fn registry(&self) -> LiveRegistry {
        LiveRegistry::of(&self.0)
    }

    /// The limits every transport keeps to.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The server's description of itself.
    pub fn info(&self) -> &ServerInfo {
        &self.0.info
    }

    /// Asks long-running streams to end; calls that run are let finish.
    pub fn shut_down(&self) {
        self.0.shutdown.send_replace(true);
    }

    /// Whether [`shut_down`](Self::shut_down) was called.
    pub fn is_shutting_down(&self) -> bool {
        *self.0.shutdown.borrow()
    }

    /// The scopes of everything that callers of any tier may see, sorted.
    pub fn public_scopes(&self) -> Vec<String> {
        self.0.live.snapshot().public_scopes()
    }

    /// How many calls are running, streams of news among them.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.count() + self.0.in_flight.listeners()
    }
}

impl RequestId {
    fn from_frame(frame: &Bytes, raw: crate::protocol::scan::Raw<'_>) -> Self {
        Self::cut_unchecked(frame.slice_ref(raw.get().as_bytes()))
    }
}

/// Makes the context a handler sees.
pub(crate) fn context(call: &Arc<crate::call::CallState>) -> Context {
    Context(Arc::clone(call))
}
