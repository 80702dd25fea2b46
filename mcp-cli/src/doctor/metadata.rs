//! What the authorization server says about itself (RFC 8414; OpenID Connect Discovery 1.0).

use serde_json::{Map, Value};

use super::check::{Check, Verdict};
use super::evidence::{Evidence, is_fit, is_on_this_machine, list};
use super::profile::{Client, EVERYBODY};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "issuer.https",
        what: "the authorization server is reached over `https:`",
        clients: EVERYBODY,
        why: "clients do not send codes and secrets in clear, nor from a public server to this machine",
        cure: "name an `https:` issuer in `authorization_servers`; with mcp-parity, the issuer is `public_url` of mcp.toml where `[auth.server]` \
               is set up, else `issuer` of the provider. Put a proxy that ends TLS in front, and write its URL",
        source: "RFC 8414, section 2; MCP 2026-07-28, basic/authorization, \"Communication Security\"",
        judge: https,
    },
    Check {
        id: "metadata.found",
        what: "the authorization server has metadata",
        clients: EVERYBODY,
        why: "without it clients know no endpoint",
        cure: "serve it at `/.well-known/oauth-authorization-server<path of the issuer>`; with mcp-parity, forward `/.well-known/` to it",
        source: "RFC 8414, section 3; MCP 2025-11-25, basic/authorization, \"Authorization Server Metadata Discovery\"",
        judge: found,
    },
    Check {
        id: "metadata.issuer",
        what: "`issuer` is the issuer that was asked, as a text",
        clients: EVERYBODY,
        why: "clients must not use metadata of another issuer, and a slash at the end makes another one",
        cure: "make `issuer` and the entry of `authorization_servers` the same text; with mcp-parity, `public_url` or the `issuer` of the \
               provider in mcp.toml",
        source: "RFC 8414, section 3.3",
        judge: issuer,
    },
    Check {
        id: "metadata.endpoints",
        what: "the endpoints are there and are reached over `https:`",
        clients: EVERYBODY,
        why: "clients go to no other place",
        cure: "set `authorization_endpoint` and `token_endpoint` to absolute `https:` URLs",
        source: "RFC 8414, section 2",
        judge: endpoints,
    },
    Check {
        id: "metadata.s256",
        what: "`code_challenge_methods_supported` lists `S256`",
        clients: EVERYBODY,
        why: "clients must not go on without it: nothing else says that codes cannot be stolen",
        cure: "set `\"code_challenge_methods_supported\": [\"S256\"]` in the metadata of the authorization server, also in \
               `/.well-known/openid-configuration`; with another issuer than mcp-parity's own, use one that says so, or put `[auth.server]` in front of it",
        source: "RFC 8414, section 2; MCP 2025-11-25, basic/authorization, \"Authorization Code Protection\"",
        judge: s256,
    },
    Check {
        id: "metadata.code",
        what: "`response_types_supported` lists `code`",
        clients: EVERYBODY,
        why: "it is the only way that MCP clients go",
        cure: "set `\"response_types_supported\": [\"code\"]` in the metadata of the authorization server",
        source: "RFC 8414, section 2",
        judge: code,
    },
    Check {
        id: "metadata.iss",
        what: "the metadata says that answers name their issuer",
        clients: &[Client::Chatgpt, Client::Gemini],
        why: "ChatGPT uses its common document only then, and Gemini refuses answers without `iss`",
        cure: "send `iss` in every authorization response, and set `\"authorization_response_iss_parameter_supported\": true` in the \
               metadata of the authorization server",
        source: "RFC 9207, section 3; MCP 2026-07-28, basic/authorization, \"Authorization Response Validation\"",
        judge: iss,
    },
    Check {
        id: "metadata.public_clients",
        what: "clients without a secret are let in",
        clients: &[Client::ClaudeAi, Client::ClaudeCode, Client::Codex, Client::Vscode, Client::Cursor, Client::Inspector, Client::Zed],
        why: "programs on people's machines cannot keep a secret, and clients with a document of their own have none",
        cure: "list \"none\" in `token_endpoint_auth_methods_supported`",
        source: "OAuth 2.1, section 2.1; seen of claude.ai, which uses its document only then",
        judge: public_clients,
    },
    Check {
        id: "metadata.ways_in",
        what: "clients can become known: by a document, or by registering themselves",
        clients: EVERYBODY,
        why: "otherwise people are asked for a client id, which most have not got, and Cursor shows nothing at all",
        cure: "support Client ID Metadata Documents (`client_id_metadata_document_supported`) and registration (`registration_endpoint`); \
               with mcp-parity, `registration = true` in `[auth.server]` of mcp.toml",
        source: "MCP 2025-11-25, basic/authorization, \"Client Registration Approaches\"",
        judge: ways_in,
    },
    Check {
        id: "metadata.refresh",
        what: "logins can be renewed",
        clients: EVERYBODY,
        why: "people are asked to sign in anew whenever a token ends",
        cure: "list \"refresh_token\" in `grant_types_supported`",
        source: "RFC 8414, section 2; MCP 2026-07-28, basic/authorization, \"Refresh Tokens\"",
        judge: refresh,
    },
];

fn https(evidence: &Evidence) -> Verdict {
    let Some(issuer) = evidence.issuer() else { return Verdict::skip("no authorization server is named") };
    Verdict::of(is_fit(&issuer, &evidence.url), || match is_on_this_machine(&issuer) {
        true => format!("the server elsewhere names `{issuer}`, which is on this machine"),
        false => format!("the issuer is `{issuer}`, which is not asked"),
    })
}

fn found(evidence: &Evidence) -> Verdict {
    let Some(first) = evidence.tried.first() else { return Verdict::skip("no authorization server was asked") };
    if evidence.tried.iter().any(super::seen::Seen::is_page) {
        return Verdict::skip("what is there is a page");
    }
    Verdict::of(evidence.metadata().is_some(), || first.describe())
}

fn of_metadata(evidence: &Evidence, judge: impl FnOnce(&Map<String, Value>) -> Verdict) -> Verdict {
    evidence.metadata().map_or_else(|| Verdict::skip("there is no metadata of an authorization server"), |document| judge(&document))
}

/// Whether a list holds a text. What it means to leave the list out depends on the list.
fn lists(evidence: &Evidence, name: &str, text: &str, if_missing: bool) -> Verdict {
    of_metadata(evidence, |document| match list(document, name) {
        Some(values) => Verdict::of(values.iter().any(|value| value == text), || format!("`{name}` is {values:?}")),
        None => Verdict::of(if_missing, || format!("there is no `{name}`")),
    })
}

fn issuer(evidence: &Evidence) -> Verdict {
    of_metadata(evidence, |document| {
        let expected = evidence.issuer().unwrap_or_default();
        match document.get("issuer").and_then(Value::as_str) {
            Some(found) => Verdict::of(found == expected, || format!("`issuer` is `{found}`, but `{expected}` was asked")),
            None => Verdict::Fail("there is no `issuer`".to_owned()),
        }
    })
}

fn endpoints(evidence: &Evidence) -> Verdict {
    of_metadata(evidence, |document| {
        for name in ["authorization_endpoint", "token_endpoint"] {
            match document.get(name).and_then(Value::as_str) {
                None => return Verdict::Fail(format!("there is no `{name}`")),
                Some(url) if !is_fit(url, &evidence.url) => return Verdict::Fail(format!("`{name}` is `{url}`, which clients do not ask")),
                Some(_) => {}
            }
        }
        Verdict::Pass
    })
}

fn s256(evidence: &Evidence) -> Verdict {
    lists(evidence, "code_challenge_methods_supported", "S256", false)
}

fn code(evidence: &Evidence) -> Verdict {
    lists(evidence, "response_types_supported", "code", false)
}

fn iss(evidence: &Evidence) -> Verdict {
    of_metadata(evidence, |_| {
        let advertised = evidence.has("authorization_response_iss_parameter_supported");
        Verdict::of(advertised, || "`authorization_response_iss_parameter_supported` is not true".to_owned())
    })
}

fn public_clients(evidence: &Evidence) -> Verdict {
    lists(evidence, "token_endpoint_auth_methods_supported", "none", false)
}

fn ways_in(evidence: &Evidence) -> Verdict {
    of_metadata(evidence, |document| {
        let registers = document.get("registration_endpoint").is_some_and(Value::is_string);
        Verdict::of(registers || evidence.has("client_id_metadata_document_supported"), || {
            "there is neither `registration_endpoint` nor `client_id_metadata_document_supported`".to_owned()
        })
    })
}

fn refresh(evidence: &Evidence) -> Verdict {
    // To leave the list out means `authorization_code` and `implicit`, but who does so means nothing by it.
    lists(evidence, "grant_types_supported", "refresh_token", true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::seen::Seen;
    use super::*;

    #[test]
    fn members_are_what_clients_read_them_as() {
        let base = json!({
            "issuer": "https://a.example",
            "authorization_endpoint": "https://a.example/authorize",
            "token_endpoint": "https://a.example/token",
            "registration_endpoint": "https://a.example/register",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": true,
        });
        for (member, value, expected) in [
            ("unknown", json!(1), None),
            ("grant_types_supported", json!(["authorization_code", "refresh_token"]), None),
            ("grant_types_supported", json!(["authorization_code"]), Some("metadata.refresh")),
            ("issuer", json!("https://a.example/"), Some("metadata.issuer")),
            ("issuer", json!(null), Some("metadata.issuer")),
            ("token_endpoint", json!("http://a.example/token"), Some("metadata.endpoints")),
            ("token_endpoint", json!("http://127.0.0.1/token"), Some("metadata.endpoints")),
            ("authorization_endpoint", json!(null), Some("metadata.endpoints")),
            ("registration_endpoint", json!(null), Some("metadata.ways_in")),
            ("response_types_supported", json!(["token"]), Some("metadata.code")),
            ("code_challenge_methods_supported", json!(["plain"]), Some("metadata.s256")),
            ("code_challenge_methods_supported", json!(null), Some("metadata.s256")),
            ("code_challenge_methods_supported", json!(["plain", "S256"]), None),
            ("token_endpoint_auth_methods_supported", json!(["client_secret_basic"]), Some("metadata.public_clients")),
            ("authorization_response_iss_parameter_supported", json!("true"), Some("metadata.iss")),
        ] {
            let mut document = base.clone();
            document[member] = value;
            let resource = json!({"resource": "https://a.example/mcp", "authorization_servers": ["https://a.example"]});
            let evidence = Evidence {
                url: "https://a.example/mcp".to_owned(),
                by_path: Some(Seen::document(&resource)),
                tried: vec![Seen::document(&document)],
                ..Evidence::default()
            };
            let failed = CHECKS.iter().filter(|check| matches!((check.judge)(&evidence), Verdict::Fail(_)));
            assert_eq!(failed.map(|check| check.id).collect::<Vec<_>>(), Vec::from_iter(expected), "{document}");
        }
    }

    #[test]
    fn an_issuer_is_asked_only_where_a_client_would() {
        for (server, issuer, fine) in [
            ("https://a.example/mcp", "https://b.example", true),
            ("https://a.example/mcp", "http://b.example", false),
            ("https://a.example/mcp", "http://127.0.0.1:8080", false),
            ("https://a.example/mcp", "https://localhost", false),
            ("http://127.0.0.1:8080/mcp", "http://127.0.0.1:9000", true),
            ("http://127.0.0.1:8080/mcp", "http://[::1]:9000", true),
            ("http://127.0.0.1:8080/mcp", "https://b.example", true),
            ("http://127.0.0.1:8080/mcp", "http://b.example", false),
            ("https://a.example/mcp", "b.example", false),
        ] {
            let resource = json!({"resource": server, "authorization_servers": [issuer]});
            let evidence = Evidence { url: server.to_owned(), by_path: Some(Seen::document(&resource)), ..Evidence::default() };
            assert_eq!(https(&evidence) == Verdict::Pass, fine, "{server} {issuer}");
        }
    }
}
