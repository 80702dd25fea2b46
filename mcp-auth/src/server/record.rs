//! What is recorded of sign-ins, tokens and refusals.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use mcp_core::{AuditEvent, Principal, ScopeSet, Transport, Verdict};

use super::Inner;

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

/// How many refusals of one operation, of callers of whom nothing is known, are recorded in a second.
const PER_SECOND: u64 = 100;

/// Refusals of strangers in this second, by operation: whoever only knocks does not fill the operator's disk.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<HashMap<&'static str, (u64, u64)>>);

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

impl Inner {
    /// Hands an event to everybody who keeps records.
    pub(crate) fn record(&self, event: &Event<'_>) {
        let stranger = event.user.is_none() && event.client.is_none() && matches!(event.verdict, Verdict::Denied(_));
        if stranger && !self.strangers.may_be_recorded(event.operation, self.db.seconds()) {
            return;
        }
        let mut principal = match event.user {
            Some(user) => Principal::new(user).with_issuer(self.rules.issuer.as_str()),
            None => Principal::anonymous(),
        };
        if let Some(client) = event.client {
            principal = principal.with_client(client);
        }
        let principal = principal.with_scopes(event.scopes.iter().cloned().collect::<ScopeSet>());
        let mut record = AuditEvent::new(self.clock.now(), &principal, Transport::AuthorizationServer, event.operation, event.verdict);
        record.item = event.item;
        for audit in &self.audits {
            audit.record(&record);
        }
    }
}
