//! The one place that decides whether a caller may use an item, and says so to whoever keeps records.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;

use super::reply::{Outcome, Reply};
use super::strangers::Stranger;
use super::{Dispatcher, Exchange, Request, Shared, render};
use crate::access::{Access, Denial, Principal};
use crate::audit::{AuditEvent, Verdict};
use crate::call::Transport;
use crate::protocol::error::{RpcError, code};

/// What a caller wants to use.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The JSON-RPC method.
    pub(super) operation: &'static str,
    /// The item's name or URI.
    pub(super) item: &'a str,
    /// What kind of item it is, for people.
    pub(super) noun: &'static str,
    pub(super) access: &'a Access,
}

/// Why a caller may not use an item.
pub(super) enum Refused {
    /// To this caller the item does not exist.
    Hidden,
    /// The reply says what is missing.
    Reply(Reply),
}

impl Refused {
    /// The reply; `unknown` makes the one for an item that does not exist.
    pub(super) fn reply_or(self, unknown: impl FnOnce() -> Reply) -> Reply {
        match self {
            Self::Hidden => unknown(),
            Self::Reply(reply) => reply,
        }
    }
}

/// Whether a caller may know that an item exists.
pub(super) fn sees(principal: &Principal, access: &Access) -> bool {
    principal.tier().sees(access.tier)
}

/// Decides whether the caller may use an item: tier hides, scope challenges, a second factor steps up.
pub(super) fn admit(shared: &Arc<Shared>, request: &Request<'_>, wanted: Wanted<'_>) -> Result<Pass, Refused> {
    let principal = &request.exchange.principal;
    let mut denial = wanted.access.check(principal).err();
    if denial.is_none() && request.exchange.looks_only && principal.is_anonymous() {
        // Whoever did not say who it is may look around and no more.
        denial = Some(Denial::Identity);
    }
    let Some(denial) = denial else { return Ok(Pass::new(shared, request, wanted)) };
    let reason = match denial {
        Denial::Hidden => "hidden",
        Denial::Identity => "not identified",
        Denial::Scope { .. } => "insufficient scope",
        Denial::SecondFactor { .. } => "no second factor",
    };
    let mut pass = Pass::new(shared, request, wanted);
    pass.conclude(Verdict::Denied(reason));
    match render::denied(&format!("{} `{}`", wanted.noun, wanted.item), denial, principal) {
        None => Err(Refused::Hidden),
        Some((error, outcome)) => Err(Refused::Reply(Reply::error(request.envelope, Some(&request.id), &error, outcome))),
    }
}

/// Refuses, before it is looked at, a request of a caller whose identity has expired or who asks too often.
pub(super) fn gate(shared: &Shared, exchange: &Exchange) -> Result<(), (RpcError, Outcome)> {
    let principal = &exchange.principal;
    let refused = if principal.expires_at().is_some_and(|expiry| expiry <= shared.runtime.now()) {
        let error = RpcError::new(code::UNAUTHENTICATED, "the identity of the caller has expired; sign in again");
        Some(("expired", error, Outcome::Unauthenticated(super::Challenge { expired: true, ..super::Challenge::default() })))
    } else {
        let wait = shared.limiters.iter().find_map(|limiter| limiter.admit(principal, exchange.address).err());
        wait.map(too_often).map(|(error, outcome)| ("rate limit", error, outcome))
    };
    let Some((reason, error, outcome)) = refused else { return Ok(()) };
    if reason != "rate limit" || shared.loud.may_say(&(&principal.binding(), exchange.address), shared.runtime.now()) {
        record_refusal(shared, exchange, "request", reason);
    }
    Err((error, outcome))
}

fn too_often(wait: Duration) -> (RpcError, Outcome) {
    let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
    let error = RpcError::new(code::BUSY, format!("the caller asks too often; try again in {seconds} s"))
        .with_data(&serde_json::json!({"retry_after_seconds": seconds}));
    (error, Outcome::Busy { retry_after: seconds })
}

impl Dispatcher {
    /// Refuses a caller whose identity has expired or who asks too often, where it asks for something that is no message.
    ///
    /// # Errors
    /// The reply that says so.
    pub fn admit(&self, exchange: &Exchange) -> Result<(), Reply> {
        gate(self.shared(), exchange).map_err(|(error, outcome)| Reply::refusal(&error, outcome))
    }

    /// Refuses, before its credentials are looked at, a request from an address that asks too often, or for many callers at once.
    /// What is returned is dropped when it is known who is calling.
    ///
    /// # Errors
    /// The reply that says how long to wait.
    pub fn admit_stranger(&self, transport: Transport, address: Option<IpAddr>) -> Result<Stranger, Reply> {
        let shared = self.shared();
        let Some(address) = address.filter(|_| !shared.limiters.is_empty()) else { return Ok(Stranger::uncounted()) };
        let wait = match shared.limiters.iter().find_map(|limiter| limiter.wait(address)) {
            Some(wait) => wait,
            None => match Stranger::come(shared, address) {
                Some(stranger) => return Ok(stranger),
                None => Duration::from_secs(1),
            },
        };
        let address = Some(address);
        if shared.loud.may_say(&address, shared.runtime.now()) {
            self.record(transport, address, "rate limit");
        }
        let (error, outcome) = too_often(wait);
        Err(Reply::refusal(&error, outcome))
    }

    /// Records that a caller was refused before it had asked for anything, and if it was its own doing counts that for its address.
    pub fn refused_stranger(&self, transport: Transport, address: Option<IpAddr>, reason: &'static str, counts: bool) {
        self.record(transport, address, reason);
        for limiter in self.shared().limiters.iter().filter(|_| counts) {
            // Whether that was one too many, the next request is told.
            let _ = limiter.admit(&Principal::anonymous(), address);
        }
    }

    fn record(&self, transport: Transport, address: Option<IpAddr>, reason: &'static str) {
        let (now, nobody) = (self.shared().runtime.now(), Principal::anonymous());
        let mut event = AuditEvent::new(now, &nobody, transport, "authenticate", Verdict::Denied(reason));
        event.address = address;
        record(self.shared(), &event);
    }
}

/// Records that a caller was refused before anything of its message was looked at.
pub(super) fn record_refusal(shared: &Shared, exchange: &Exchange, operation: &'static str, reason: &'static str) {
    let mut event = AuditEvent::new(shared.runtime.now(), &exchange.principal, exchange.transport, operation, Verdict::Denied(reason));
    event.address = exchange.address;
    record(shared, &event);
}

/// Records what came of it when a caller came back for a task.
pub(super) fn record_task(shared: &Shared, request: &Request<'_>, operation: &'static str, id: &str, verdict: Verdict) {
    let exchange = request.exchange;
    let mut event = AuditEvent::new(shared.runtime.now(), &exchange.principal, exchange.transport, operation, verdict);
    (event.address, event.item) = (exchange.address, id);
    record(shared, &event);
}

/// Hands an event to everybody who keeps records.
pub(super) fn record(shared: &Shared, event: &AuditEvent<'_>) {
    for audit in &shared.audits {
        audit.record(event);
    }
}

/// Proof that a caller was admitted, which records what came of it. Without anybody who keeps records it is empty.
#[must_use = "a call is recorded when its pass is dropped"]
pub(crate) struct Pass(Option<Box<Pending>>);

/// An event that waits for its end.
struct Pending {
    shared: Arc<Shared>,
    principal: Principal,
    transport: Transport,
    address: Option<IpAddr>,
    operation: &'static str,
    item: String,
    access: Access,
    arguments: Option<Bytes>,
    time: SystemTime,
    began: Instant,
    verdict: Verdict,
}

impl Pass {
    fn new(shared: &Arc<Shared>, request: &Request<'_>, wanted: Wanted<'_>) -> Self {
        if shared.audits.is_empty() {
            return Self(None);
        }
        let arguments = request.params.arguments.filter(|_| shared.audits_arguments);
        Self(Some(Box::new(Pending {
            shared: Arc::clone(shared),
            principal: request.exchange.principal.clone(),
            transport: request.exchange.transport,
            address: request.exchange.address,
            operation: wanted.operation,
            item: wanted.item.to_owned(),
            access: wanted.access.clone(),
            arguments: arguments.map(|raw| request.frame.slice_ref(raw.get().as_bytes())),
            time: shared.runtime.now(),
            began: Instant::now(),
            // What ends without having said so was refused after all: its arguments do not fit.
            verdict: Verdict::Failed,
        })))
    }

    /// A pass for what asks nothing of its caller and is not recorded.
    pub(crate) fn unrecorded() -> Self {
        Self(None)
    }

    pub(super) fn conclude(&mut self, verdict: Verdict) {
        if let Some(mut pending) = self.0.take() {
            pending.verdict = verdict;
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut event = AuditEvent::new(self.time, &self.principal, self.transport, self.operation, self.verdict);
        (event.address, event.item) = (self.address, &self.item);
        event.access = Some(&self.access);
        event.latency = self.began.elapsed();
        event.arguments = self.arguments.as_deref().and_then(|arguments| std::str::from_utf8(arguments).ok());
        record(&self.shared, &event);
    }
}

/// The pass of a call that runs.
pub(crate) struct Note(Mutex<Pass>);

impl Note {
    pub(crate) fn new(pass: Pass) -> Self {
        Self(Mutex::new(pass))
    }

    /// Says how the call ended; only the first word counts.
    pub(crate) fn conclude(&self, verdict: Verdict) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).conclude(verdict);
    }
}
