//! The `tracing` events of decisions, in a process of their own: what other threads log decides with, in `tracing`, whether an event is looked at.

#![cfg(feature = "providers")]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use mcp_auth::{AuditLog, MemorySink};
use mcp_core::{Audit as _, AuditEvent, Principal, Transport, Verdict};
use tracing::field::{Field, Visit};
use tracing::span;

/// Keeps the level and the fields of every event.
struct Capture(Arc<Mutex<Vec<String>>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl tracing::Subscriber for Capture {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut Fields(&mut line));
        self.0.lock().expect("no panic").push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn what_is_denied_warns_and_arguments_stay_out() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let alice = Principal::new("ali\nce").with_client("claude");
    let verdicts = [Verdict::Succeeded, Verdict::Failed, Verdict::Cancelled, Verdict::Denied("lacks a scope")];
    tracing::subscriber::set_global_default(Capture(seen.clone())).expect("there is no other");
    let log = AuditLog::new(MemorySink::default());
    for verdict in verdicts {
        let mut event = AuditEvent::new(UNIX_EPOCH, &alice, Transport::Stdio, "tools/call", verdict);
        (event.item, event.arguments) = ("files_read", Some("{\"path\":\"private\"}"));
        log.record(&event);
    }
    let seen = seen.lock().expect("no panic");
    let starts: Vec<&str> = seen.iter().map(|line| line.split(' ').next().expect("a level")).collect();
    assert_eq!(starts, ["INFO", "INFO", "INFO", "WARN"]);
    for (line, says) in seen.iter().zip(["succeeded", "failed", "cancelled", "lacks a scope"]) {
        let parts = ["subject=\"ali\\nce\"", "client=\"claude\"", "operation=\"tools/call\"", "item=\"files_read\"", says];
        assert!(parts.iter().all(|part| line.contains(part)) && !line.contains("private"), "{line}");
    }
}
