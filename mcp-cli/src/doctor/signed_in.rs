//! What has to be right once somebody is signed in.

use super::check::{Check, Verdict};
use super::evidence::Evidence;
use super::profile::EVERYBODY;
use super::seen::Seen;
use super::session::{Session, result};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "login.done",
        what: "somebody can sign in",
        clients: EVERYBODY,
        why: "without a token nothing of the server can be used",
        cure: "do what the authorization server says; if it says nothing, compare the redirect URI, `resource` and the client's way of proving \
               who it is at its token endpoint",
        source: "OAuth 2.1, section 4.1; RFC 8707, section 2",
        judge: login,
    },
    Check {
        id: "token.accepted",
        what: "the server takes the token that its authorization server gave",
        clients: EVERYBODY,
        why: "clients sign in again and again, and say only that it did not work",
        cure: "make both agree on the audience: `resource` of the metadata has to be in `aud` of the token, and `iss` has to be the issuer; with \
               mcp-parity, `public_url` and `issuer` in mcp.toml, and `accept_plain_typ = true` for issuers whose tokens are of the type `JWT`",
        source: "RFC 9068, section 4; RFC 8707, section 2; MCP 2026-07-28, basic/authorization, \"Token Handling\"",
        judge: accepted,
    },
    Check {
        id: "era.spoken",
        what: "the server speaks a revision that clients speak",
        clients: EVERYBODY,
        why: "client and server cannot agree on anything",
        cure: "answer `initialize` (2024-11-05 to 2025-11-25) or `server/discover` (2026-07-28), better both, on the same endpoint",
        source: "MCP 2026-07-28, basic/versioning; MCP 2025-11-25, basic/lifecycle",
        judge: spoken,
    },
    Check {
        id: "session.initialized",
        what: "a notification is answered 202 without a body",
        clients: EVERYBODY,
        why: "clients wait for an answer that never comes, or take the status for a refusal",
        cure: "answer notifications with 202",
        source: "MCP 2025-11-25, basic/transports, \"Sending Messages to the Server\"",
        judge: initialized,
    },
    Check {
        id: "session.stream",
        what: "a `GET` opens a stream or is answered 405 with `Allow`",
        clients: EVERYBODY,
        why: "clients ask for a stream after every session is opened, and take another status for a broken server",
        cure: "open a stream of events, or answer 405 with `Allow: POST, HEAD, DELETE`",
        source: "MCP 2025-11-25, basic/transports, \"Listening for Messages from the Server\"; RFC 9110, section 15.5.6",
        judge: stream,
    },
    Check {
        id: "tools.list",
        what: "the tools are listed",
        clients: EVERYBODY,
        why: "a model is offered nothing",
        cure: "answer `tools/list` with `tools`",
        source: "MCP 2025-11-25, server/tools, \"Listing Tools\"",
        judge: listed,
    },
    Check {
        id: "tools.call",
        what: "a tool that only reads can be called",
        clients: EVERYBODY,
        why: "what is listed cannot be used",
        cure: "answer `tools/call` with `content`; where a scope is missing, 403 with `error=\"insufficient_scope\"` and all the scopes",
        source: "MCP 2025-11-25, server/tools, \"Calling Tools\"",
        judge: called,
    },
];

fn of_session(evidence: &Evidence, judge: impl FnOnce(&Session) -> Verdict) -> Verdict {
    match &evidence.session {
        Some(session) => judge(session),
        None => Verdict::skip("nobody is signed in"),
    }
}

fn of_message(evidence: &Evidence, message: impl FnOnce(&Session) -> Option<&Seen>, judge: impl FnOnce(&Seen) -> Verdict) -> Verdict {
    of_session(evidence, |session| message(session).map_or_else(|| Verdict::skip("no session could be opened"), judge))
}

fn login(evidence: &Evidence) -> Verdict {
    match &evidence.login {
        Some(Ok(())) => Verdict::Pass,
        Some(Err(why)) => Verdict::Fail(why.clone()),
        None if evidence.session.is_some() => Verdict::skip("the server asks nobody who they are"),
        None => Verdict::skip("nobody is signed in; do so with `mcp login`, or with `--login`"),
    }
}

fn accepted(evidence: &Evidence) -> Verdict {
    if evidence.login.is_none() {
        return Verdict::skip("there is no token to show");
    }
    of_message(evidence, |session| session.initialize.as_ref(), |seen| Verdict::of(!seen.is(401) && !seen.is(403), || seen.describe()))
}

fn spoken(evidence: &Evidence) -> Verdict {
    of_session(evidence, |session| {
        let asked = [&session.initialize, &session.discover];
        let mut asked = asked.into_iter().flatten();
        match (asked.clone().find(|seen| result(seen).is_some()), asked.next()) {
            (Some(_), _) => Verdict::Pass,
            (None, Some(seen)) if seen.is(401) || seen.is(403) => Verdict::skip("the server does not let the caller in"),
            (None, seen) => Verdict::Fail(seen.map(Seen::describe).unwrap_or_default()),
        }
    })
}

fn initialized(evidence: &Evidence) -> Verdict {
    of_message(evidence, |session| session.initialized.as_ref(), |seen| Verdict::of(seen.is(202), || seen.describe()))
}

fn stream(evidence: &Evidence) -> Verdict {
    of_session(evidence, |session| match &session.stream {
        None => Verdict::skip("no session could be opened, or nothing came at once"),
        Some((200, _)) => Verdict::Pass,
        Some((405, allow)) => Verdict::of(allow.is_some(), || "the answer is 405 without `Allow`".to_owned()),
        Some((status, _)) => Verdict::Fail(format!("the answer is {status}")),
    })
}

fn listed(evidence: &Evidence) -> Verdict {
    of_message(
        evidence,
        |session| session.list.as_ref(),
        |seen| match result(seen) {
            Some(result) => {
                Verdict::of(result.get("tools").is_some_and(serde_json::Value::is_array), || "there is no list `tools`".to_owned())
            }
            None => no_result(seen),
        },
    )
}

fn called(evidence: &Evidence) -> Verdict {
    of_session(evidence, |session| {
        if session.list.is_none() {
            return Verdict::skip("no session could be opened");
        }
        let Some((name, seen)) = &session.call else {
            return Verdict::skip("no tool says that it only reads and needs no arguments, so none is called");
        };
        match result(seen) {
            Some(result) => Verdict::of(result.get("content").is_some(), || format!("`{name}` is answered without `content`")),
            None if seen.is(403) => Verdict::Skip(format!("the login may not call `{name}`")),
            None => no_result(seen),
        }
    })
}

/// A server without tools says that there is no such method.
fn no_result(seen: &Seen) -> Verdict {
    let code = seen.object().and_then(|message| message.get("error")?.get("code")?.as_i64());
    match code {
        Some(-32601) => Verdict::skip("the server has no tools"),
        _ => Verdict::Fail(format!("{}, without a result", seen.describe())),
    }
}
