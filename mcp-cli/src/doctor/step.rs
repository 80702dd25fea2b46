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

/// The steps, of which those that need somebody who is signed in come from `signed_in`.
pub(crate) fn all(evidence: &Evidence, checks: &[(&'static Check, Verdict)], signed_in: impl Fn(usize) -> Verdict) -> Vec<Step> {
    let of = |ids: &[&'static str]| {
        let mut known = checks.iter().filter(|(check, _)| ids.contains(&check.id));
        let failed = known.clone().find(|(_, verdict)| matches!(verdict, Verdict::Fail(_)));
        let (check, verdict) = match failed.or_else(|| known.next()) {
            Some((check, verdict)) => (Some(check.id), verdict.clone()),
            None => (None, Verdict::skip("no client that was asked for needs it")),
        };
        (check.filter(|_| matches!(verdict, Verdict::Fail(_))), verdict)
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
        (OAUTH, "led back to the client with a code", plain(signed_in(8))),
        (OAUTH, "POST the code to the token endpoint", plain(signed_in(9))),
        (OAUTH, "200 with an access token", plain(signed_in(10))),
        (HANDSHAKE, "POST `initialize` with the token", plain(signed_in(11))),
        (HANDSHAKE, "200 with the revision and a session", plain(signed_in(12))),
        (HANDSHAKE, "POST `notifications/initialized`", plain(signed_in(13))),
        (HANDSHAKE, "202", plain(signed_in(14))),
        (HANDSHAKE, "GET a stream", plain(signed_in(15))),
        (HANDSHAKE, "a stream, or 405 with `Allow`", plain(signed_in(16))),
        (TOOLS, "POST `tools/list`", plain(signed_in(17))),
        (TOOLS, "the server asks who holds the token", of(&["keys.usable"])),
        (TOOLS, "the issuer answers", plain(signed_in(19))),
        (TOOLS, "200 with tools", plain(signed_in(20))),
        (TOOLS, "POST `tools/call`", plain(signed_in(21))),
        (TOOLS, "the server asks again, or remembers", plain(signed_in(22))),
        (TOOLS, "the issuer answers", plain(signed_in(23))),
        (TOOLS, "200 with content", plain(signed_in(24))),
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
