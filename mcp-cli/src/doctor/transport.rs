//! The endpoint as such, before anybody is known.

use std::time::Duration;

use super::check::{Check, Verdict};
use super::evidence::{Evidence, is_on_this_machine};
use super::profile::{Client, EVERYBODY};

/// The check without which the others say nothing.
pub(super) const REACHED: &str = "transport.reached";
/// How long claude.ai waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: REACHED,
        what: "the endpoint answers",
        clients: EVERYBODY,
        why: "nothing else can be looked at",
        cure: "start the server, and correct the URL: scheme, host, port and path; with mcp-parity, `http --bind` says where it listens and \
               `public_url` where people reach it",
        source: "MCP 2026-07-28, basic/transports/streamable-http",
        judge: reached,
    },
    Check {
        id: "transport.redirect",
        what: "the endpoint does not lead elsewhere",
        clients: EVERYBODY,
        why: "clients do not send a token on to another address, and a 301 or 302 turns a POST into a GET",
        cure: "give people the URL that it leads to, or serve the endpoint there: mostly it is the slash at the end, or `http:` in place of `https:`",
        source: "RFC 9110, section 15.4",
        judge: redirect,
    },
    Check {
        id: "transport.https",
        what: "the endpoint is reached over `https:`, or on this machine",
        clients: EVERYBODY,
        why: "tokens do not travel in clear",
        cure: "put a proxy that ends TLS in front, and give people its URL",
        source: "MCP 2026-07-28, basic/authorization, \"Communication Security\"",
        judge: https,
    },
    Check {
        id: "transport.quick",
        what: "discovery is done within ten seconds",
        clients: &[Client::ClaudeAi],
        why: "claude.ai waits no longer, and says only that it could not connect",
        cure: "answer metadata from memory, and keep an instance running where starting one takes seconds",
        source: "seen of claude.ai",
        judge: quick,
    },
    Check {
        id: "transport.get",
        what: "a `GET` without a token is refused as a `POST` is",
        clients: EVERYBODY,
        why: "older clients open a stream first, and begin to sign in at its 401",
        cure: "look at the token before the method",
        source: "MCP 2025-03-26, basic/transports, \"Backwards Compatibility\"; recorded from legacy connections",
        judge: get,
    },
    Check {
        id: "transport.rebinding",
        what: "a server on this machine refuses pages of others",
        clients: EVERYBODY,
        why: "any page that somebody opens could call the tools of a server on the same machine",
        cure: "answer 403 to an `Origin` that is not allowed; with mcp-parity, take the origin out of `allowed_origins` of `HttpConfig`",
        source: "MCP 2026-07-28, basic/transports/streamable-http, \"Security & Endpoint\"",
        judge: rebinding,
    },
];

fn reached(evidence: &Evidence) -> Verdict {
    let Some(seen) = &evidence.anonymous else { return Verdict::skip("the server was not asked") };
    Verdict::of(evidence.is_reached(), || seen.describe())
}

fn redirect(evidence: &Evidence) -> Verdict {
    let Some(seen) = evidence.anonymous.as_ref().filter(|seen| seen.answer.is_ok()) else {
        return Verdict::skip("there is no answer to look at");
    };
    Verdict::of(seen.location().is_none(), || seen.describe())
}

fn https(evidence: &Evidence) -> Verdict {
    if evidence.url.is_empty() {
        return Verdict::skip("the server was not asked");
    }
    Verdict::of(evidence.url.starts_with("https://") || is_on_this_machine(&evidence.url), || format!("the endpoint is `{}`", evidence.url))
}

fn quick(evidence: &Evidence) -> Verdict {
    let asked: Vec<_> = [&evidence.anonymous].into_iter().flatten().chain(evidence.well_known()).collect();
    let slow = asked.iter().find(|seen| seen.answer.is_ok() && seen.took > PATIENCE);
    match slow {
        _ if asked.is_empty() => Verdict::skip("the server was not asked"),
        Some(seen) => Verdict::Fail(format!("{} after {:?}", seen.describe(), seen.took)),
        None => Verdict::Pass,
    }
}

fn get(evidence: &Evidence) -> Verdict {
    let (Some(seen), Some(anonymous)) = (&evidence.get, &evidence.anonymous) else { return Verdict::skip("it was not asked") };
    if !anonymous.is(401) {
        return Verdict::skip("a `POST` is not refused either");
    }
    Verdict::of(seen.is(401), || seen.describe())
}

fn rebinding(evidence: &Evidence) -> Verdict {
    let Some(seen) = &evidence.from_elsewhere else { return Verdict::skip("the server is not on this machine") };
    Verdict::of(seen.is(403), || format!("with `Origin: http://attacker.example`, {}", seen.describe()))
}
