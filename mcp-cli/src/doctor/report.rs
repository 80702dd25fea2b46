//! What is told: the steps, the checks, the clients, and what to change.

use serde_json::{Value, json};

use super::check::{Check, Verdict};
use super::evidence::{Evidence, is_on_this_machine};
use super::profile::{Client, EVERYBODY};
use super::step::Step;
use crate::failure::Failure;
use crate::terminal::{Table, plain, say};

/// Everything that was found.
#[derive(Debug)]
pub(crate) struct Report<'e> {
    pub(crate) evidence: &'e Evidence,
    pub(crate) steps: Vec<Step>,
    pub(crate) checks: Vec<(&'static Check, Verdict)>,
    pub(crate) clients: &'e [Client],
}

impl Report<'_> {
    /// How much is wrong.
    pub(crate) fn failures(&self) -> usize {
        let steps = self.steps.iter().filter(|step| matches!(step.verdict, Verdict::Fail(_)) && step.check.is_none());
        steps.count() + self.checks.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Fail(_))).count()
    }

    /// Prints it for people.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        let mut steps = Table::new(["STEP", "PHASE", "RESULT", "WHAT"]);
        for step in &self.steps {
            steps.row([&step.number.to_string(), step.phase, word(&step.verdict), &with_reason(step.what, &step.verdict)]);
        }
        steps.print()?;
        let mut checks = Table::new(["CHECK", "RESULT", "WHAT"]);
        for (check, verdict) in &self.checks {
            checks.row([check.id, word(verdict), &with_reason(check.what, verdict)]);
        }
        checks.print()?;
        let mut clients = Table::new(["CLIENT", "RESULT", "HOW IT BECOMES A CLIENT"]);
        for &client in self.clients {
            let verdict = self.of_client(client);
            clients.row([client.name(), word(&verdict), &with_reason(self.way_in(client), &verdict)]);
        }
        clients.print()?;
        for (check, verdict) in &self.checks {
            if let Verdict::Fail(found) = verdict {
                say(&plain(&explain(check, found)))?;
            }
        }
        let skipped = self.checks.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Skip(_))).count();
        Ok(say(&format!("{} checks, {} failed, {skipped} skipped", self.checks.len(), self.failures()))?)
    }

    pub(crate) fn as_json(&self) -> Value {
        let steps: Vec<Value> = self
            .steps
            .iter()
            .map(|step| {
                json!({
                    "step": step.number, "phase": step.phase, "what": step.what, "check": step.check,
                    "result": word(&step.verdict), "reason": reason(&step.verdict),
                })
            })
            .collect();
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|(check, verdict)| {
                let clients: Vec<&str> = check.clients.iter().map(|client| client.name()).collect();
                json!({
                    "id": check.id, "what": check.what, "result": word(verdict), "reason": reason(verdict), "why": check.why,
                    "change": check.cure, "source": check.source, "clients": clients,
                })
            })
            .collect();
        let clients: Vec<Value> = self
            .clients
            .iter()
            .map(|&client| {
                let verdict = self.of_client(client);
                json!({"name": client.name(), "result": word(&verdict), "reason": reason(&verdict), "way": self.way_in(client)})
            })
            .collect();
        json!({"url": self.evidence.url, "failures": self.failures(), "steps": steps, "checks": checks, "clients": clients})
    }

    /// Whether everything that a client needs is right.
    fn of_client(&self, client: Client) -> Verdict {
        if client.is_hosted() && is_on_this_machine(&self.evidence.url) {
            return Verdict::skip("it cannot reach a server on this machine");
        }
        let failed = self.checks.iter().filter(|(check, verdict)| check.clients.contains(&client) && matches!(verdict, Verdict::Fail(_)));
        let failed: Vec<&str> = failed.map(|(check, _)| check.id).collect();
        Verdict::of(failed.is_empty(), || failed.join(", "))
    }

    fn way_in(&self, client: Client) -> &'static str {
        let evidence = self.evidence;
        if evidence.is_open() {
            return "nobody has to be known";
        }
        let Some(metadata) = evidence.metadata() else { return "not known" };
        let takes_documents = evidence.has("client_id_metadata_document_supported");
        match client.document() {
            Some(_) if takes_documents => "by its document",
            _ if metadata.contains_key("registration_endpoint") => "registers itself",
            _ => "needs a client id that somebody registered by hand",
        }
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail(_) => "FAIL",
        Verdict::Skip(_) => "skipped",
    }
}

fn reason(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Pass => None,
        Verdict::Fail(why) | Verdict::Skip(why) => Some(why),
    }
}

fn with_reason(what: &str, verdict: &Verdict) -> String {
    reason(verdict).map_or_else(|| what.to_owned(), |why| format!("{what}: {why}"))
}

fn explain(check: &Check, found: &str) -> String {
    let clients = match check.clients == EVERYBODY {
        true => "every client".to_owned(),
        false => check.clients.iter().map(|client| client.name()).collect::<Vec<_>>().join(", "),
    };
    let Check { id, why, cure, source, .. } = check;
    format!("FAIL {id}: {found}\n  why:       {why}\n  change:    {cure}\n  source:    {source}\n  needed by: {clients}\n")
}
