//! What the server says about itself: protected resource metadata (RFC 9728).

use serde_json::{Map, Value};
use url::Url;

use super::check::{Check, Verdict};
use super::evidence::{Evidence, list};
use super::profile::{Client, EVERYBODY};
use super::seen::Seen;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "well_known.page",
        what: "no well-known path is answered with a web page",
        clients: EVERYBODY,
        why: "clients read what is there as JSON, and say that the server is broken where they could have gone on to the next place",
        cure: "answer `/.well-known/…` with JSON, also the 404 for what is not there; send these paths to the server in front of the \
               rule by which a web application answers everything; with mcp-parity, forward `/.well-known/` to it",
        source: "RFC 9728, section 3.2; RFC 8414, section 3.2; seen of claude.ai and of clients on the TypeScript SDK",
        judge: no_page,
    },
    Check {
        id: "resource.by_path",
        what: "the metadata is below the well-known path, with the path of the endpoint",
        clients: EVERYBODY,
        why: "clients that do not get its URL in a challenge ask there first",
        cure: "serve the document at `/.well-known/oauth-protected-resource<path of the endpoint>`; with mcp-parity it is there by itself: \
               forward `/.well-known/` to it, and set `public_url` in mcp.toml to the URL without the path of the endpoint",
        source: "RFC 9728, section 3.1; MCP 2025-11-25, basic/authorization, \"Protected Resource Metadata Discovery\"",
        judge: by_path,
    },
    Check {
        id: "resource.by_root",
        what: "the metadata is at the root of the well-known path, too",
        clients: &[Client::ClaudeAi, Client::McpRemote, Client::Gemini],
        why: "clients of 2025-06-18 ask only there",
        cure: "serve the same document at `/.well-known/oauth-protected-resource` where the host has one MCP endpoint; with mcp-parity, forward \
               `/.well-known/` to it",
        source: "MCP 2025-11-25, basic/authorization, \"Protected Resource Metadata Discovery\"; seen of Claude",
        judge: by_root,
    },
    Check {
        id: "resource.is_ours",
        what: "`resource` is the endpoint, or a URL above it",
        clients: EVERYBODY,
        why: "clients must not use metadata of another resource: its server could collect tokens for it",
        cure: "set `resource` in the protected resource metadata to the URL of the endpoint as people type it; with mcp-parity, correct \
               `public_url` in mcp.toml, to which the path of the endpoint is added",
        source: "RFC 9728, section 3.3; MCP 2026-07-28, basic/authorization, \"Canonical Server URI\"",
        judge: is_ours,
    },
    Check {
        id: "resource.exact",
        what: "`resource` is the URL as it was typed, with its path",
        clients: &[Client::ClaudeAi, Client::ClaudeCode],
        why: "Claude compares the two as texts",
        cure: "set `resource` in the protected resource metadata to exactly the URL that people are told to type; with mcp-parity, `public_url` \
               in mcp.toml, and tell people that URL with the path of the endpoint",
        source: "RFC 9728, section 3.3; seen of claude.ai and Claude Code",
        judge: exact,
    },
    Check {
        id: "resource.servers",
        what: "`authorization_servers` names an authorization server",
        clients: EVERYBODY,
        why: "clients take the first one, and have no other way to find it",
        cure: "list the issuer in `authorization_servers`; with mcp-parity, name it in `[[auth.jwt]]` or `[[auth.introspection]]`, or set up \
               `[auth.server]` in mcp.toml",
        source: "MCP 2025-06-18 and later, basic/authorization, \"Authorization Server Location\"",
        judge: servers,
    },
    Check {
        id: "resource.header",
        what: "tokens are taken in the header",
        clients: EVERYBODY,
        why: "MCP clients send tokens in no other way",
        cure: "put \"header\" into `bearer_methods_supported`, or leave that out",
        source: "RFC 9728, section 2; MCP 2026-07-28, basic/authorization, \"Token Requirements\"",
        judge: header,
    },
    Check {
        id: "resource.offline_access",
        what: "`scopes_supported` of the resource does not list `offline_access`",
        clients: &[Client::ClaudeAi, Client::ClaudeCode],
        why: "it is a matter between client and authorization server, and no scope of a resource",
        cure: "list `offline_access` in `scopes_supported` of the authorization server only; with mcp-parity, take it out of `scope = …` of \
               the tools",
        source: "MCP 2026-07-28, basic/authorization, \"Refresh Tokens\"",
        judge: offline_access,
    },
];

fn no_page(evidence: &Evidence) -> Verdict {
    let mut asked = evidence.well_known().peekable();
    if asked.peek().is_none() {
        return Verdict::skip("no well-known path was asked");
    }
    asked.find(|seen| seen.is_page()).map_or(Verdict::Pass, |seen| Verdict::Fail(seen.describe()))
}

/// Whether a document is at a place where there should be one.
fn is_there(evidence: &Evidence, seen: Option<&Seen>) -> Verdict {
    let Some(seen) = seen else { return Verdict::skip("it was not asked for") };
    if evidence.is_open() {
        return Verdict::skip("the server asks nobody who they are");
    }
    if seen.is_page() {
        return Verdict::skip("what is there is a page");
    }
    Verdict::of(seen.object().is_some(), || match seen.succeeded() {
        true => format!("{}, which is no JSON object", seen.describe()),
        false => seen.describe(),
    })
}

fn by_path(evidence: &Evidence) -> Verdict {
    is_there(evidence, evidence.by_path.as_ref())
}

fn by_root(evidence: &Evidence) -> Verdict {
    let Some(root) = &evidence.by_root else { return Verdict::skip("the endpoint is at the root of its host") };
    if root.is(404) && !root.is_page() {
        return Verdict::skip("there is none, as is right where a host has several endpoints; with one, serve it there, too");
    }
    is_there(evidence, Some(root))
}

fn of_resource(evidence: &Evidence, judge: impl FnOnce(&Map<String, Value>) -> Verdict) -> Verdict {
    evidence.resource().map_or_else(|| Verdict::skip("there is no protected resource metadata"), |document| judge(&document))
}

/// The URL without what does not change it: the case of scheme and host, the default port, one slash at the end.
fn canonical(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn is_ours(evidence: &Evidence) -> Verdict {
    of_resource(evidence, |document| {
        let Some(resource) = document.get("resource").and_then(Value::as_str) else {
            return Verdict::Fail("the metadata has no `resource`".to_owned());
        };
        let ours = canonical(&evidence.url).zip(canonical(resource)).is_some_and(|(url, above)| {
            let same_host = Url::parse(&url).ok().zip(Url::parse(&above).ok()).is_some_and(|(url, above)| url.origin() == above.origin());
            same_host && url.strip_prefix(&above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        Verdict::of(ours, || format!("`resource` is `{resource}`, but the endpoint is `{}`", evidence.url))
    })
}

fn exact(evidence: &Evidence) -> Verdict {
    match is_ours(evidence) {
        Verdict::Pass => {}
        Verdict::Fail(_) => return Verdict::skip("`resource` is not even a URL above the endpoint"),
        skipped => return skipped,
    }
    of_resource(evidence, |document| {
        let resource = document.get("resource").and_then(Value::as_str).unwrap_or_default();
        // Browsers and people write the root of a host with and without its slash.
        let same = resource == evidence.url || (canonical(resource) == canonical(&evidence.url) && is_root(resource));
        Verdict::of(same, || format!("`resource` is `{resource}`, but the endpoint is `{}`", evidence.url))
    })
}

fn is_root(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.path() == "/")
}

fn servers(evidence: &Evidence) -> Verdict {
    of_resource(evidence, |document| match list(document, "authorization_servers") {
        Some(servers) if !servers.is_empty() => Verdict::Pass,
        Some(_) => Verdict::Fail("`authorization_servers` is empty".to_owned()),
        None => Verdict::Fail("there is no list `authorization_servers`".to_owned()),
    })
}

fn header(evidence: &Evidence) -> Verdict {
    of_resource(evidence, |document| match list(document, "bearer_methods_supported") {
        Some(methods) if !methods.iter().any(|method| method == "header") => {
            Verdict::Fail(format!("`bearer_methods_supported` is {methods:?}"))
        }
        _ => Verdict::Pass,
    })
}

fn offline_access(evidence: &Evidence) -> Verdict {
    of_resource(evidence, |document| {
        let listed = list(document, "scopes_supported").is_some_and(|scopes| scopes.iter().any(|scope| scope == "offline_access"));
        Verdict::of(!listed, || "`scopes_supported` lists `offline_access`".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_is_the_endpoint_or_above_it() {
        for (typed, resource, ours, same) in [
            ("https://a.example/mcp", "https://a.example/mcp", true, true),
            ("https://a.example/mcp", "https://a.example/mcp/", true, false),
            ("https://a.example/mcp", "https://A.example/mcp", true, false),
            ("https://a.example/mcp", "https://a.example", true, false),
            ("https://a.example/", "https://a.example", true, true),
            ("https://a.example", "https://a.example/", true, true),
            ("https://a.example/mcp", "https://a.example/mc", false, false),
            ("https://a.example/mcp", "https://a.example/mcp/other", false, false),
            ("https://a.example/mcp", "https://a.example:8443/mcp", false, false),
            ("https://a.example/mcp", "http://a.example/mcp", false, false),
            ("https://a.example/mcp", "https://a.example.attacker.example/mcp", false, false),
            ("https://a.example/mcp", "mcp", false, false),
        ] {
            let by_path = Some(Seen::document(&json!({"resource": resource})));
            let evidence = Evidence { url: typed.to_owned(), by_path, ..Evidence::default() };
            let verdicts = (is_ours(&evidence) == Verdict::Pass, exact(&evidence) == Verdict::Pass);
            assert_eq!(verdicts, (ours, same), "{typed} {resource}");
        }
    }

    #[test]
    fn members_are_what_clients_read_them_as() {
        let base = json!({"resource": "https://a.example/mcp", "authorization_servers": ["https://a.example"]});
        for (member, value, expected) in [
            ("authorization_servers", json!([]), Some("resource.servers")),
            ("authorization_servers", json!("https://a.example"), Some("resource.servers")),
            ("bearer_methods_supported", json!(["header", "body"]), None),
            ("bearer_methods_supported", json!(["body"]), Some("resource.header")),
            ("scopes_supported", json!(["a"]), None),
            ("scopes_supported", json!(["a", "offline_access"]), Some("resource.offline_access")),
            ("resource", json!(null), Some("resource.is_ours")),
        ] {
            let mut document = base.clone();
            document[member] = value;
            let url = "https://a.example/mcp".to_owned();
            let evidence = Evidence { url, by_path: Some(Seen::document(&document)), ..Evidence::default() };
            let failed = CHECKS.iter().filter(|check| matches!((check.judge)(&evidence), Verdict::Fail(_)));
            assert_eq!(failed.map(|check| check.id).collect::<Vec<_>>(), Vec::from_iter(expected), "{document}");
        }
    }
}
