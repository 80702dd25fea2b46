//! Every caller, every guarded item, every transport, every revision: the decision is the one that is written down.
//!
//! `parity.rs` compares transports with each other. If the one check let everybody in, they would still agree; this would not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mcp_core::Revision;
use mcp_testkit::{Child, Recorded, Suite, Wire};
use mcp_tests::parity::{CALLERS, Decision, GUARDED, Guarded};
use mcp_tests::{callers, server};
use serde_json::Value;
use tokio::task::JoinSet;

/// Reads the decision from the last frame that came back; `None` if it is no answer to the question.
fn decided(exchange: &Recorded) -> Option<Decision> {
    let answer: Value = serde_json::from_slice(exchange.frames.last()?).ok()?;
    let Some(error) = answer.get("error") else { return Some(Decision::Allowed) };
    let (code, kind) = (error["code"].as_i64()?, error["data"]["error"].as_str());
    match (code, kind) {
        (-31401, _) => Some(Decision::Identity),
        (-31403, Some("insufficient_scope")) => Some(Decision::Scope),
        (-31403, Some("insufficient_user_authentication")) => Some(Decision::SecondFactor),
        (-32602 | -32002, _) if error["message"].as_str()?.starts_with("there is no ") => Some(Decision::Hidden),
        _ => None,
    }
}

/// The status over HTTP; `None` where the body alone says it, in a stream that was opened before.
fn status(decision: Decision, wire: Wire) -> Option<u16> {
    match decision {
        Decision::Allowed => Some(200),
        Decision::Identity => Some(401),
        Decision::Scope | Decision::SecondFactor => Some(403),
        Decision::Hidden => (wire == Wire::Plain).then_some(404),
    }
}

/// What is wrong with one conversation, if anything.
async fn check(suite: &Suite, guarded: &Guarded, wire: Wire, revision: Revision, caller: usize) -> Option<String> {
    let transcript = suite.transcript(&guarded.fixture(), wire, revision, caller).await.expect("every caller can be had everywhere");
    let asked = |exchange: &&Recorded| String::from_utf8_lossy(&exchange.sent).contains(guarded.item);
    let exchange = transcript.exchanges.iter().find(asked).expect("it was asked");
    let (found, expected) = (decided(exchange), guarded.decisions[caller]);
    let expected_status = status(expected, wire).filter(|_| exchange.head.is_some() && wire != Wire::HttpSse);
    let found_status = exchange.head.as_ref().map(|head| head.status);
    let right = found == Some(expected) && expected_status.is_none_or(|expected| found_status == Some(expected));
    (!right).then(|| format!("{wire}, {revision}, {}, `{}`: {expected:?}, not {found:?}\n{transcript}", CALLERS[caller], guarded.item))
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_as_written_on_every_transport() {
    let child = Child::Asked { program: env!("CARGO_BIN_EXE_parity-server").into(), arguments: Vec::new() };
    let suite = Arc::new(Suite::new(server, callers(), child));
    let (mut checked, mut wrong) = (BTreeMap::new(), BTreeMap::<Wire, Vec<String>>::new());
    for wire in Wire::ALL {
        let mut work = JoinSet::new();
        for revision in Revision::ALL.into_iter().filter(|revision| wire.claims(*revision)) {
            for guarded in GUARDED.iter().filter(|guarded| guarded.fixture().excluded(wire, revision).is_none()) {
                let suite = Arc::clone(&suite);
                work.spawn(async move {
                    let mut faults = Vec::new();
                    for caller in 0..CALLERS.len() {
                        faults.extend(check(&suite, guarded, wire, revision, caller).await);
                    }
                    faults
                });
            }
        }
        for faults in work.join_all().await {
            *checked.entry(wire).or_insert(0) += CALLERS.len();
            if !faults.is_empty() {
                wrong.entry(wire).or_default().extend(faults);
            }
        }
    }
    for wire in Wire::ALL {
        assert!(checked.get(&wire).is_some_and(|count| *count >= 5 * CALLERS.len()), "next to nothing was checked on {wire}");
    }
    let summary: Vec<String> = wrong.iter().map(|(wire, faults)| format!("{wire}: {} wrong; first: {}", faults.len(), faults[0])).collect();
    assert!(summary.is_empty(), "{}", summary.join("\n"));
}

#[test]
fn the_table_has_every_caller_and_every_guarded_item() {
    let labels: Vec<String> = callers().iter().map(|caller| caller.label().to_owned()).collect();
    assert_eq!(labels, CALLERS);
    let server = server();
    let registry = server.registry();
    let tools = registry.tools().map(|tool| (tool.name().to_owned(), tool.item().access()));
    let resources = registry.resources().map(|resource| (resource.uri().to_owned(), resource.item().access()));
    let prompts = registry.prompts().map(|prompt| (prompt.item().name().to_owned(), prompt.item().access()));
    let guarded = tools.chain(resources).chain(prompts).filter(|(_, access)| !access.is_open()).map(|(name, _)| name);
    let listed: BTreeSet<String> = GUARDED.iter().map(|guarded| guarded.item.to_owned()).collect();
    assert_eq!(guarded.collect::<BTreeSet<String>>(), listed);
}
