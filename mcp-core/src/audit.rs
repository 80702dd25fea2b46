//! What was allowed and what was denied, for whoever keeps records.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::access::{Access, Principal};
use crate::call::Transport;

/// Keeps a record of every decision about a caller.
///
/// Called on the path of every call, so it should hand over quickly. A panic in it fails the call.
pub trait Audit: Send + Sync + 'static {
    /// Takes one event. It holds no token, and no argument unless the author asked for that.
    fn record(&self, event: &AuditEvent<'_>);
}

/// One decision, and what came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEvent<'a> {
    /// When it was decided.
    pub time: SystemTime,
    /// Who asked.
    pub principal: &'a Principal,
    /// How the request arrived.
    pub transport: Transport,
    /// The address that the request came from, behind a proxy as the configuration finds it; none over stdio.
    pub address: Option<IpAddr>,
    /// What was asked for: the JSON-RPC method, as `tools/call`, or `authenticate`.
    pub operation: &'a str,
    /// The name or URI of the item; empty where there is none.
    pub item: &'a str,
    /// What the item asks of its caller, if it is known to the caller.
    pub access: Option<&'a Access>,
    /// What was decided, and what came of it.
    pub verdict: Verdict,
    /// How long it took from the decision to the answer.
    pub latency: Duration,
    /// The arguments as JSON, if the author asked for them to be recorded.
    pub arguments: Option<&'a str>,
}

impl<'a> AuditEvent<'a> {
    /// An event of this moment.
    pub fn new(time: SystemTime, principal: &'a Principal, transport: Transport, operation: &'a str, verdict: Verdict) -> Self {
        Self {
            time,
            principal,
            transport,
            address: None,
            operation,
            item: "",
            access: None,
            verdict,
            latency: Duration::ZERO,
            arguments: None,
        }
    }
}

/// What was decided, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Allowed, and it succeeded.
    Succeeded,
    /// Allowed, and it answered with an error.
    Failed,
    /// Allowed, and it answered with questions; the answers come with a request of their own.
    InputRequired,
    /// Allowed, and cancelled or abandoned before it answered.
    Cancelled,
    /// Denied, with the reason in a few fixed words.
    Denied(&'static str),
}
