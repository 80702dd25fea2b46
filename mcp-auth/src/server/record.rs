//! What is recorded of sign-ins, tokens and refusals.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use mcp_core::{Audit, AuditEvent, Principal, ScopeSet, Transport, Verdict};

use super::Inner;
use crate::Clock;

/// Something that happened, to be recorded. There is never a token or a secret in it.
#[derive(Clone, Debug)]
pub(crate) struct Event<'a> {
    operation: &'static str,
    item: &'a str,
    user: Option<&'a str>,
    client: Option<&'a str>,
    scopes: BTreeSet<String>,
    verdict: Verdict,
}

impl<'a> Event<'a> {
    pub(crate) fn new(operation: &'static str) -> Self {
        Self { operation, item: "", user: None, client: None, scopes: BTreeSet::new(), verdict: Verdict::Failed }
    }

    /// What it was done with, as a login method.
    pub(crate) fn item(self, item: &'a str) -> Self {
        Self { item, ..self }
    }

    pub(crate) fn user(self, user: &'a str) -> Self {
        Self { user: Some(user), ..self }
    }

    pub(crate) fn client(self, client: &'a str) -> Self {
        Self { client: Some(client), ..self }
    }

    /// What was given.
    pub(crate) fn scopes(self, scopes: &BTreeSet<String>) -> Self {
        Self { scopes: scopes.clone(), ..self }
    }

    pub(crate) fn succeeded(self) -> Self {
        Self { verdict: Verdict::Succeeded, ..self }
    }

    pub(crate) fn denied(&self, reason: &'static str) -> Self {
        Self { verdict: Verdict::Denied(reason), ..self.clone() }
    }
}

/// How many refusals of one operation, of callers who are nobody's person, are recorded in a second: whoever knows the name of a client can knock, too.
const PER_SECOND: u64 = 100;

/// Refusals of strangers in this second, by operation: whoever only knocks does not fill the operator's disk.
#[derive(Debug, Default)]
struct Strangers(Mutex<HashMap<&'static str, (u64, u64)>>);

impl Strangers {
    fn may_be_recorded(&self, operation: &'static str, second: u64) -> bool {
        let mut operations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, refusals) = operations.entry(operation).or_default();
        if *of != second {
            (*of, *refusals) = (second, 0);
        }
        *refusals += 1;
        *refusals <= PER_SECOND
    }
}

/// Everybody who keeps records.
pub(crate) struct Records {
    issuer: String,
    clock: Clock,
    audits: Vec<Arc<dyn Audit>>,
    strangers: Strangers,
}

impl Records {
    /// Of a server with this issuer.
    pub(crate) fn new(issuer: &str, clock: Clock, audits: Vec<Arc<dyn Audit>>) -> Self {
        Self { issuer: issuer.to_owned(), clock, audits, strangers: Strangers::default() }
    }

    /// Hands an event to all of them.
    pub(crate) fn record(&self, event: &Event<'_>) {
        let now = self.clock.now();
        let stranger = event.user.is_none() && matches!(event.verdict, Verdict::Denied(_));
        let second = now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        if stranger && !self.strangers.may_be_recorded(event.operation, second) {
            return;
        }
        let mut principal = match event.user {
            Some(user) => Principal::new(user).with_issuer(self.issuer.as_str()),
            None => Principal::anonymous(),
        };
        if let Some(client) = event.client {
            principal = principal.with_client(client);
        }
        let principal = principal.with_scopes(event.scopes.iter().cloned().collect::<ScopeSet>());
        let mut record = AuditEvent::new(now, &principal, Transport::AuthorizationServer, event.operation, event.verdict);
        record.item = event.item;
        for audit in &self.audits {
            audit.record(&record);
        }
    }
}

impl Inner {
    /// Hands an event to everybody who keeps records.
    pub(crate) fn record(&self, event: &Event<'_>) {
        self.records.record(event);
    }
}
