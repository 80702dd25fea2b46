//! Clients that register themselves (RFC 7591).

use serde_json::{Value, json};

use super::check::{Check, Verdict};
use super::evidence::Evidence;
use super::profile::{Client, EVERYBODY};
use super::seen::Seen;

/// A registration that was tried.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) kind: Kind,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) seen: Seen,
}

/// As whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As a program on this machine.
    Native,
    /// As Cursor, with all that it sends.
    Cursor,
}

impl Registered {
    /// The client id that was given.
    pub(crate) fn id(&self) -> Option<String> {
        Some(self.seen.object()?.get("client_id")?.as_str()?.to_owned())
    }

    /// Where and with what it can be removed again (RFC 7592).
    pub(crate) fn management(&self) -> Option<(String, String)> {
        let document = self.seen.object()?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((text("registration_client_uri")?, text("registration_access_token")?))
    }
}

impl Kind {
    pub(crate) fn redirect_uris(self) -> Vec<String> {
        let uris: &[&str] = match self {
            Self::Native => &["http://127.0.0.1:33418/callback"],
            // Recorded from Cursor.
            Self::Cursor => &[
                "cursor://anysphere.cursor-mcp/oauth/callback",
                "https://www.cursor.com/agents/mcp/oauth/callback",
                "http://localhost:8787/callback",
            ],
        };
        uris.iter().map(|&uri| uri.to_owned()).collect()
    }

    /// What is sent.
    pub(crate) fn body(self) -> Value {
        json!({
            "client_name": "mcp doctor",
            "application_type": "native",
            "redirect_uris": self.redirect_uris(),
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        })
    }
}

/// Whether identical registrations are one, as far as the server says. It is a member of our own: nothing standard says it.
pub(crate) fn is_harmless(evidence: &Evidence) -> bool {
    evidence.has("registration_deduplication_supported")
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "registration.answer",
        what: "a client can register itself",
        clients: EVERYBODY,
        why: "clients without a document that is taken have no other way in",
        cure: "answer a registration with 201 and JSON that holds `client_id`, whatever else it asks for; with mcp-parity, `registration = true` \
               in `[auth.server]` of mcp.toml",
        source: "RFC 7591, section 3.2.1",
        judge: |evidence| answer(evidence, Kind::Native),
    },
    Check {
        id: "registration.cursor",
        what: "a client can register redirects to a program of its own",
        clients: &[Client::Cursor],
        why: "Cursor registers `cursor://…` beside two others, and shows no login at all where that is refused",
        cure: "take private-use schemes in `redirect_uris` of public clients",
        source: "RFC 8252, section 7.1; recorded from Cursor",
        judge: |evidence| answer(evidence, Kind::Cursor),
    },
];

fn answer(evidence: &Evidence, kind: Kind) -> Verdict {
    if evidence.metadata().is_none() {
        return Verdict::skip("there is no metadata of an authorization server");
    }
    if evidence.endpoint("registration_endpoint").is_none() {
        return Verdict::skip("the authorization server registers nobody");
    }
    let Some(registered) = evidence.registered.iter().find(|registered| registered.kind == kind) else {
        return Verdict::skip("it would leave a client behind; try it with `--register`");
    };
    Verdict::of(registered.seen.is(201) && registered.id().is_some(), || match registered.seen.succeeded() {
        true => format!("{}, and not 201 with a `client_id`", registered.seen.describe()),
        false => format!("{}: {}", registered.seen.describe(), registered.seen.body().chars().take(200).collect::<String>()),
    })
}
