//! The page where people sign in, and what it answers to a client (OAuth 2.1, section 4.1).

use url::{Url, form_urlencoded};

use super::check::{Check, Verdict};
use super::csp;
use super::evidence::Evidence;
use super::profile::{Client, EVERYBODY};
use super::seen::Seen;

/// Goes and looks.
#[derive(Debug, Default)]
pub(crate) struct Visits {
    /// As whom.
    pub(crate) visitor: Option<Visitor>,
    /// As a client comes.
    pub(crate) registered: Option<Visit>,
    /// The same, led back to another port of this machine.
    pub(crate) other_port: Option<Visit>,
    /// With a mistake that is told to the client.
    pub(crate) mistaken: Option<Visit>,
    /// Led back to somebody else.
    pub(crate) foreign: Option<Visit>,
}

/// A client that the authorization server knows.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) id: String,
    pub(crate) redirect_uri: String,
}

/// A browser's way from an authorization request on, without anybody who types.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) redirect_uri: String,
    /// At least one.
    pub(crate) hops: Vec<Seen>,
}

/// What every request carries as `state`: texts as VS Code sends them.
pub(crate) const STATE: &str = "st/ate=1";
/// Where nobody may be led.
pub(crate) const FOREIGN: &str = "https://claude.ai.attacker.example/api/mcp/auth_callback";

impl Visit {
    fn last(&self) -> Option<&Seen> {
        self.hops.last()
    }

    /// The query with which it leads back to the client.
    fn back(&self) -> Option<Vec<(String, String)>> {
        let location = self.last()?.location()?;
        let query = location.strip_prefix(self.redirect_uri.as_str())?.strip_prefix(['?', '&'])?;
        Some(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.last().is_none_or(|seen| seen.status().is_none_or(|status| status >= 400))
    }

    fn page(&self) -> Option<&Seen> {
        self.last().filter(|seen| seen.succeeded())
    }

    fn describe(&self) -> String {
        self.last().map(Seen::describe).unwrap_or_default()
    }
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "authorize.page",
        what: "a client that is known is shown where to sign in",
        clients: EVERYBODY,
        why: "people see an error in place of a login",
        cure: "take the `redirect_uri` that the client registered, PKCE with S256, `resource`, and scopes that are not known; with mcp-parity, \
               the page says what it does not like",
        source: "OAuth 2.1, section 4.1.1; RFC 8707, section 2",
        judge: page,
    },
    Check {
        id: "authorize.loopback_port",
        what: "programs on people's machines may come back to any port",
        clients: &[Client::ClaudeCode, Client::Codex, Client::Vscode, Client::McpRemote, Client::Zed],
        why: "such clients listen on a port that is free at the moment, and register without it or with another one",
        cure: "compare `redirect_uri` without the port where its host is `127.0.0.1`, `[::1]` or `localhost`, and exactly otherwise",
        source: "RFC 8252, section 7.3; OAuth 2.1, section 2.3.1",
        judge: loopback_port,
    },
    Check {
        id: "authorize.form_action",
        what: "the page lets its form lead to the client",
        clients: EVERYBODY,
        why: "browsers hold `form-action` against every redirect after a form was sent: the button to allow does nothing, and the code is lost",
        cure: "leave `form-action` out of `Content-Security-Policy` on the pages where people sign in and allow, or name the client's \
               redirect in it; with mcp-parity, look for a proxy that sets the header",
        source: "CSP Level 3, section 6.4.1, as Chromium does it; seen in nine servers",
        judge: form_action,
    },
    Check {
        id: "authorize.iss",
        what: "the authorization response says who answers",
        clients: EVERYBODY,
        why: "clients that were told to expect `iss` throw away an answer without it, and any client one of another issuer",
        cure: "add `iss=<issuer>`, as the metadata has it, to every authorization response, also to errors",
        source: "RFC 9207, section 2; MCP 2026-07-28, basic/authorization, \"Authorization Response Validation\"",
        judge: iss,
    },
    Check {
        id: "authorize.state",
        what: "`state` comes back as it was sent",
        clients: EVERYBODY,
        why: "clients throw away an answer to what they did not ask; VS Code has `/` and `=` in it",
        cure: "send `state` back unchanged, encoded once",
        source: "OAuth 2.1, section 4.1.2",
        judge: state,
    },
    Check {
        id: "authorize.foreign_redirect",
        what: "nobody is led to an address that the client did not register",
        clients: EVERYBODY,
        why: "anybody could have codes of others sent to themselves",
        cure: "compare `redirect_uri` with what was registered, as texts and never by how it begins, and show an error page otherwise",
        source: "OAuth 2.1, sections 2.3.1 and 4.1.2.1",
        judge: foreign,
    },
    Check {
        id: "authorize.documents",
        what: "clients are taken by their documents",
        clients: &[Client::ClaudeAi, Client::ClaudeCode, Client::Chatgpt, Client::Codex, Client::Vscode],
        why: "the metadata says that they are, so these clients do not register",
        cure: "let the authorization server fetch the document, or keep a copy: some hosts hold requests from data centres off; or take \
               `client_id_metadata_document_supported` out of the metadata",
        source: "MCP 2025-11-25, basic/authorization, \"Client ID Metadata Documents\"",
        judge: documents,
    },
];

fn of_visit(evidence: &Evidence, visit: Option<&Visit>, judge: impl FnOnce(&Visit) -> Verdict) -> Verdict {
    match visit {
        Some(visit) => judge(visit),
        None if evidence.visits.visitor.is_none() && evidence.metadata().is_some() => {
            Verdict::skip("there is no client to come as; try `--register`, or `--client-id`")
        }
        None => Verdict::skip("the authorization server could not be asked"),
    }
}

fn page(evidence: &Evidence) -> Verdict {
    of_visit(evidence, evidence.visits.registered.as_ref(), |visit| {
        let told = visit.back().and_then(|query| query.into_iter().find(|(name, _)| name == "error"));
        match told {
            Some((_, error)) => Verdict::Fail(format!("the client is led back with the error `{error}`")),
            None => Verdict::of(!visit.is_refused(), || visit.describe()),
        }
    })
}

fn loopback_port(evidence: &Evidence) -> Verdict {
    of_visit(evidence, evidence.visits.other_port.as_ref(), |visit| {
        if evidence.visits.registered.as_ref().is_none_or(Visit::is_refused) {
            return Verdict::skip("the client is refused on any port");
        }
        Verdict::of(!visit.is_refused(), || format!("with `redirect_uri={}`, {}", visit.redirect_uri, visit.describe()))
    })
}

fn form_action(evidence: &Evidence) -> Verdict {
    let visits = [&evidence.visits.other_port, &evidence.visits.registered];
    let visit = visits.into_iter().flatten().find(|visit| visit.page().is_some());
    if visit.is_none() && evidence.visits.registered.is_some() {
        return Verdict::skip("there is no page of this authorization server to look at");
    }
    of_visit(evidence, visit, |visit| {
        let blocking = visit.page().and_then(|page| csp::blocks(page, &visit.redirect_uri));
        blocking.map_or(Verdict::Pass, |found| Verdict::Fail(format!("`{found}` keeps people from `{}`", visit.redirect_uri)))
    })
}

/// Judges an answer to the client, which need not be one of success.
fn of_answer(evidence: &Evidence, judge: impl FnOnce(&[(String, String)]) -> Verdict) -> Verdict {
    of_visit(evidence, evidence.visits.mistaken.as_ref(), |visit| match visit.back() {
        Some(query) => judge(&query),
        None => Verdict::skip("mistakes are not told to the client, so there is no answer to look at"),
    })
}

fn iss(evidence: &Evidence) -> Verdict {
    of_answer(evidence, |query| {
        let found = query.iter().find(|(name, _)| name == "iss").map(|(_, value)| value.as_str());
        let expected = evidence.endpoint("issuer").unwrap_or_default();
        match found {
            Some(found) => Verdict::of(found == expected, || format!("`iss` is `{found}`, but the issuer is `{expected}`")),
            None if !evidence.has("authorization_response_iss_parameter_supported") => Verdict::skip("nobody was told to expect `iss`"),
            None => Verdict::Fail("there is no `iss`, though the metadata says that there is".to_owned()),
        }
    })
}

fn state(evidence: &Evidence) -> Verdict {
    of_answer(evidence, |query| {
        let found = query.iter().find(|(name, _)| name == "state").map(|(_, value)| value.as_str());
        Verdict::of(found == Some(STATE), || format!("`{STATE}` came back as `{}`", found.unwrap_or_default()))
    })
}

fn foreign(evidence: &Evidence) -> Verdict {
    of_visit(evidence, evidence.visits.foreign.as_ref(), |visit| {
        let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let led = visit.hops.iter().find(|seen| seen.location().is_some_and(|location| host(location) == host(FOREIGN)));
        led.map_or(Verdict::Pass, |seen| Verdict::Fail(seen.describe()))
    })
}

fn documents(evidence: &Evidence) -> Verdict {
    if evidence.documents.is_empty() {
        return Verdict::skip("the authorization server takes no documents, or no client that has one was asked for");
    }
    let refused: Vec<String> = evidence
        .documents
        .iter()
        .filter(|(_, seen)| seen.status().is_none_or(|status| status >= 400))
        .map(|(client, seen)| format!("{}: {}", client.name(), seen.status().map_or_else(|| seen.describe(), |status| status.to_string())))
        .collect();
    Verdict::of(refused.is_empty(), || refused.join("; "))
}
