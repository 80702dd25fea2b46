//! What a running call knows and can do.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Arguments, Asks, Invocation};
use crate::access::Principal;
use crate::changes::Change;
use crate::dispatch::{Note, Shared};
use crate::json::Object;
use crate::outlet::Outlet;
use crate::protocol::capabilities::{ClientCapabilities, ClientCapability};
use crate::protocol::frame::RequestId;
use crate::protocol::log_level::LogLevel;
use crate::protocol::revision::Revision;
use crate::runtime::Runtime;
use crate::session::Session;

/// The function that runs an item.
pub type CallFn = fn(&Context, Arguments<'_>) -> Invocation;

/// How a message arrived. Behaviour does not depend on it; logs and audit records name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// Lines over standard input and output.
    Stdio,
    /// Streamable HTTP.
    StreamableHttp,
    /// HTTP+SSE of 2024-11-05.
    HttpSse,
    /// The plain-HTTP adapter.
    PlainHttp,
    /// A function call in the same process.
    InProcess,
    /// The pages and endpoints of the embedded authorization server.
    AuthorizationServer,
}

impl Transport {
    /// A name for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::StreamableHttp => "streamable-http",
            Self::HttpSse => "http+sse",
            Self::PlainHttp => "plain-http",
            Self::InProcess => "in-process",
            Self::AuthorizationServer => "authorization-server",
        }
    }
}

/// One call, as the function that answers it sees it. Cheap to clone.
#[derive(Clone)]
pub struct Context(pub(crate) Arc<CallState>);

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("principal", &self.0.principal)
            .field("revision", &self.0.revision)
            .field("transport", &self.0.transport)
            .finish_non_exhaustive()
    }
}

pub(crate) struct CallState {
    pub(crate) shared: Arc<Shared>,
    pub(crate) principal: Principal,
    pub(crate) transport: Transport,
    pub(crate) revision: Revision,
    pub(crate) capabilities: ClientCapabilities,
    pub(crate) id: RequestId,
    /// The name or URI of what is called.
    pub(crate) target: String,
    /// A tool's arguments as they came.
    pub(crate) arguments: Bytes,
    /// The request's `_meta` as it came.
    pub(crate) meta: Bytes,
    pub(crate) progress_token: Option<Bytes>,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) outlet: Outlet,
    pub(crate) session: Option<Arc<Session>>,
    pub(crate) asks: Mutex<Asks>,
    pub(crate) control: Control,
    /// Records how the call ends.
    pub(crate) note: Note,
    pub(crate) progress: Mutex<f64>,
    /// Whether the call has a response of its own that may end before its answer.
    pub(crate) releases: bool,
}

/// The strings by which a call is stopped from outside.
#[derive(Default)]
pub(crate) struct Control {
    cancelled: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Control {
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.wake();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Has the call looked at again.
    pub(crate) fn wake(&self) {
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn register(&self, waker: &Waker) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }
}

/// Values shared by all calls, by type.
#[derive(Debug, Default)]
pub(crate) struct States(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl States {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.0.insert(TypeId::of::<T>(), value);
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(self.0.get(&TypeId::of::<T>())?).downcast().ok()
    }
}

impl Context {
    /// Who is calling.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// The protocol revision the caller speaks.
    pub fn revision(&self) -> Revision {
        self.0.revision
    }

    /// How the call arrived, for logs.
    pub fn transport(&self) -> Transport {
        self.0.transport
    }

    /// Whether the client declared a capability.
    pub fn client_can(&self, capability: ClientCapability) -> bool {
        self.0.capabilities.has(capability)
    }

    /// The shared value of a type, if the server was given one.
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.shared.states.get()
    }

    pub(crate) fn runtime(&self) -> &dyn Runtime {
        &*self.0.shared.runtime
    }

    /// Reads a member of the request's `_meta`, as `traceparent` for trace context.
    pub fn meta<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let members: HashMap<String, serde_json::Value> = serde_json::from_slice(&self.0.meta).ok()?;
        serde_json::from_value(members.get(key)?.clone()).ok()
    }

    /// Whether the client has cancelled the call or left.
    ///
    /// An async function need not look: its future is dropped. One that runs on a
    /// thread of its own should, now and then.
    pub fn is_cancelled(&self) -> bool {
        self.0.control.is_cancelled()
    }

    /// Tells how far the call is, if the client asked for it.
    ///
    /// Values that do not increase are not sent, as the protocol demands. Waits while the
    /// client is behind; a client that has left is no error.
    pub async fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        if let Some(frame) = self.progress_frame(progress, total, message) {
            let _ = self.0.outlet.send(frame).await;
        }
    }

    /// As [`Context::progress`], for functions that are not async: does not wait, and says
    /// nothing while the client is behind.
    pub fn try_progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        if let Some(frame) = self.progress_frame(progress, total, message) {
            let _ = self.0.outlet.try_send(frame);
        }
    }

    fn progress_frame(&self, progress: f64, total: Option<f64>, message: Option<&str>) -> Option<Bytes> {
        let token = self.0.progress_token.as_ref()?;
        {
            let mut last = self.0.progress.lock().unwrap_or_else(PoisonError::into_inner);
            if progress <= *last {
                return None;
            }
            *last = progress;
        }
        let mut out = Vec::with_capacity(160);
        let mut frame = Object::open(&mut out);
        frame.raw("jsonrpc", "\"2.0\"");
        frame.raw("method", "\"notifications/progress\"");
        let mut params = Object::open(frame.key("params"));
        params.key("progressToken").extend_from_slice(token);
        params.value("progress", &Number(progress));
        if let Some(total) = total {
            params.value("total", &Number(total));
        }
        if self.0.revision.has_progress_message() {
            params.optional_text("message", message);
        }
        params.close();
        frame.close();
        Some(out.into())
    }

    /// Sends a log message to the client, if it asked for messages this severe.
    ///
    /// Not for secrets, and not for the server's own log: that is `tracing`.
    pub async fn log<T: Serialize + ?Sized>(&self, level: LogLevel, logger: &str, data: &T) {
        if let Some(frame) = self.log_frame(level, logger, data) {
            let _ = self.0.outlet.send(frame).await;
        }
    }

    pub(super) fn log_frame<T: Serialize + ?Sized>(&self, level: LogLevel, logger: &str, data: &T) -> Option<Bytes> {
        if self.log_level().is_none_or(|least| level < least) {
            return None;
        }
        let data = serde_json::to_string(data).ok()?;
        let mut out = Vec::with_capacity(160);
        let mut frame = Object::open(&mut out);
        frame.raw("jsonrpc", "\"2.0\"");
        frame.raw("method", "\"notifications/message\"");
        let mut params = Object::open(frame.key("params"));
        params.text("level", level.as_str());
        if !logger.is_empty() {
            params.text("logger", logger);
        }
        params.raw("data", &data);
        params.close();
        frame.close();
        Some(out.into())
    }

    /// Tells listeners that something changed, as a resource that this call wrote.
    pub fn notify(&self, change: Change) {
        self.0.shared.changes.tell(change);
    }

    /// The registry, to add, remove, enable and disable items while serving.
    pub fn registry(&self) -> crate::registry::LiveRegistry {
        crate::registry::LiveRegistry::of(&self.0.shared)
    }

    /// Waits, by the server's clock.
    pub async fn sleep(&self, time: Duration) {
        self.runtime().sleep(time).await;
    }
}

/// A number written without a fraction when it has none.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[allow(clippy::cast_possible_truncation, reason = "only whole numbers within range are cast")]
        if self.0.fract() == 0.0 && self.0.abs() < 9_007_199_254_740_992.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}
