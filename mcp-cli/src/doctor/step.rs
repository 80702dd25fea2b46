//! The 24 steps of a recorded connection of claude.ai, from the first look to the result of a tool.

use super::check::{Check, Verdict};
use super::evidence::Evidence;

/// One request or one answer.
#[derive(Debug)]
pub(crate) struct Step {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) phase: &'static str,
    pub(crate) what: &'static str,
    /// The check that says what to change, if it is one of those.
    pub(crate) check: Option<&'static str>,
    pub(crate) verdict: Verdict,
}

/// What a step came to, and the check that says what to change if it failed.
type Judged = (Option<&'static str>, Verdict);

const DISCOVERY: &str = "discovery";
const OAUTH: &str = "OAuth";
const HANDSHAKE: &str = "handshake";
const TOOLS: &str = "tools";

/// The steps, by what was seen and what the checks say of it.
pub(crate) fn all(evidence: &Evidence, checks: &[(&'static Check, Verdict)]) -> Vec<Step> {
    // A step fails by the first of its checks that does, and is otherwise what the last of them is.
    let of = |ids: &[&'static str]| {
        let mut known = checks.iter().filter(|(check, _)| ids.contains(&check.id));
        let failed = known.clone().find(|(_, verdict)| matches!(verdict, Verdict::Fail(_)));
        match failed {
            Some((check, verdict)) => (Some(check.id), verdict.clone()),
            None => {
                (None, known.next_back().map_or_else(|| Verdict::skip("no client that was asked for needs it"), |(_, last)| last.clone()))
            }
        }
    };
    // What the server asks of the issuer cannot be seen from here; it is right if the answer to the client is.
    let behind = |ids: &[&'static str]| match (&evidence.login, &evidence.session) {
        (None, Some(_)) => (None, Verdict::skip("no token was shown")),
        _ => of(ids),
    };
    let plain = |verdict| (None, verdict);
    let steps: [(&'static str, &'static str, Judged); 24] = [
        (DISCOVERY, "HEAD on the endpoint", of(&["transport.reached", "transport.redirect"])),
        (DISCOVERY, "200 with `MCP-Protocol-Version`", plain(head(evidence))),
        (DISCOVERY, "GET protected resource metadata", of(&["well_known.page", "resource.by_path"])),
        (DISCOVERY, "200 with `resource` and `authorization_servers`", of(&["resource.is_ours", "resource.exact", "resource.servers"])),
        (OAUTH, "POST a registration, or a document in its place", of(&["metadata.found", "metadata.ways_in"])),
        (OAUTH, "201 with `client_id`", of(&["registration.answer"])),
        (OAUTH, "GET the authorization page, with PKCE", of(&["metadata.s256", "authorize.page"])),
        (OAUTH, "led back to the client with a code", of(&["login.done"])),
        (OAUTH, "POST the code to the token endpoint", of(&["login.done"])),
        (OAUTH, "200 with an access token", of(&["login.done"])),
        (HANDSHAKE, "POST `initialize` with the token", of(&["token.accepted"])),
        (HANDSHAKE, "200 with the revision and a session", of(&["era.spoken"])),
        (HANDSHAKE, "POST `notifications/initialized`", of(&["session.initialized"])),
        (HANDSHAKE, "202 without a body", of(&["session.initialized"])),
        (HANDSHAKE, "GET a stream", of(&["session.stream"])),
        (HANDSHAKE, "a stream, or 405 with `Allow`", of(&["session.stream"])),
        (TOOLS, "POST `tools/list`", of(&["tools.list"])),
        (TOOLS, "the server asks who holds the token: the keys of the issuer, or the issuer itself", of(&["keys.usable"])),
        (TOOLS, "the issuer answers the server", behind(&["tools.list"])),
        (TOOLS, "200 with tools", of(&["tools.list"])),
        (TOOLS, "POST `tools/call`", of(&["tools.call"])),
        (TOOLS, "the server asks again, or remembers", behind(&["tools.call"])),
        (TOOLS, "the issuer answers the server", behind(&["tools.call"])),
        (TOOLS, "200 with content", of(&["tools.call"])),
    ];
    let numbered = steps.into_iter().zip(1..);
    numbered.map(|((phase, what, (check, verdict)), number)| Step { number, phase, what, check, verdict }).collect()
}

/// Only a look: clients go on whatever comes back.
fn head(evidence: &Evidence) -> Verdict {
    match &evidence.head {
        Some(seen) if seen.succeeded() && seen.header("mcp-protocol-version").is_some() => Verdict::Pass,
        Some(seen) => Verdict::Skip(format!("clients go on without it: {}", seen.describe())),
        None => Verdict::skip("the server was not asked"),
    }
}
