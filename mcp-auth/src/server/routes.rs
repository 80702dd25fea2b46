//! Which address leads where.

use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::error::OAuthError;
use super::http::{self as answers, Answer, Asked};
use super::record::Event;
use super::{AuthServer, Inner, agents, flow, metadata, pages, token};
use crate::{Reach, Site};

/// What an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'a> {
    Metadata,
    NoMetadata,
    Keys,
    Authorize,
    Token,
    Revoke,
    Introspect,
    Register,
    Registration(&'a str),
    Style,
    Continue,
    Begin(&'a str),
    Login(&'a str),
    Callback(&'a str),
    Link(&'a str),
    Switch,
    Factor,
    Enrol,
    Consent,
    Agents,
    LogOut,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Option<Self> {
        Some(match path {
            "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration" => Self::Metadata,
            "/jwks" => Self::Keys,
            "/authorize" => Self::Authorize,
            "/token" => Self::Token,
            "/revoke" => Self::Revoke,
            "/introspect" => Self::Introspect,
            "/register" => Self::Register,
            "/auth.css" => Self::Style,
            "/continue" => Self::Continue,
            "/switch" => Self::Switch,
            "/factor" => Self::Factor,
            "/factor/enrol" => Self::Enrol,
            "/consent" => Self::Consent,
            "/agents" => Self::Agents,
            "/logout" => Self::LogOut,
            _ => return Self::with_name(path),
        })
    }

    fn with_name(path: &'a str) -> Option<Self> {
        if path.starts_with("/.well-known/oauth-authorization-server/") || path.starts_with("/.well-known/openid-configuration/") {
            // Clients try the path of the MCP endpoint; whatever was said there could not have this issuer (RFC 8414, section 3.3).
            return Some(Self::NoMetadata);
        }
        if let Some(id) = path.strip_prefix("/register/") {
            return Some(Self::Registration(id));
        }
        let rest = path.strip_prefix("/login/")?;
        Some(match rest.split_once('/') {
            None => Self::Login(rest),
            Some((method, "begin")) => Self::Begin(method),
            Some((method, "callback")) => Self::Callback(method),
            Some((method, "link")) => Self::Link(method),
            Some(_) => return None,
        })
    }

    /// Whether any page may ask: nothing here depends on who uses the browser.
    fn reach(self) -> Reach {
        match self {
            Self::Metadata
            | Self::NoMetadata
            | Self::Keys
            | Self::Token
            | Self::Revoke
            | Self::Introspect
            | Self::Register
            | Self::Registration(_) => Reach::Everywhere,
            _ => Reach::OwnPages,
        }
    }
}

#[async_trait]
impl Site for AuthServer {
    fn serves(&self, path: &str) -> Option<Reach> {
        Place::of(path).map(Place::reach)
    }

    async fn answer(&self, request: Request<Bytes>, peer: Option<IpAddr>) -> Response<Bytes> {
        let asked = Asked::new(request, peer);
        let head = asked.method == Method::HEAD;
        let mut answer = match Place::of(&asked.path) {
            Some(place) => route(&self.0, &asked, place).await,
            None => nothing(),
        };
        if head {
            *answer.body_mut() = Bytes::new();
        }
        answer
    }
}

async fn route(server: &Inner, asked: &Asked, place: Place<'_>) -> Answer {
    let page = |answer: Result<Answer, OAuthError>| answer.unwrap_or_else(|error| server.trouble(&error));
    match place {
        Place::Metadata => metadata::answer(server, &asked.method),
        Place::NoMetadata => nothing(),
        Place::Keys => metadata::keys(server, &asked.method).await,
        Place::Authorize => flow::authorize(server, asked).await,
        Place::Token => token::answer(server, asked).await,
        Place::Revoke => token::revoke(server, asked).await,
        Place::Introspect => token::introspect(server, asked).await,
        Place::Register => register(server, asked).await,
        Place::Registration(id) => manage(server, id, asked).await,
        Place::Style => pages::style_answer(&server.brand),
        Place::Continue => page(flow::go_on(server, asked).await),
        Place::Begin(method) => page(flow::begin(server, asked, method).await),
        Place::Login(method) => page(flow::send(server, asked, method).await),
        Place::Callback(method) => page(flow::come_back(server, asked, method).await),
        Place::Link(method) => page(flow::look(server, asked, method).await),
        Place::Switch => page(flow::switch(server, asked).await),
        Place::Factor => page(flow::present(server, asked).await),
        Place::Enrol => page(flow::enrol(server, asked).await),
        Place::Consent => page(flow::decide(server, asked).await),
        Place::Agents => page(agents::answer(server, asked).await),
        Place::LogOut => page(agents::log_out(server, asked).await),
    }
}

/// Registers a client (RFC 7591, section 3).
async fn register(server: &Inner, asked: &Asked) -> Answer {
    if asked.method != Method::POST {
        return OAuthError { status: StatusCode::METHOD_NOT_ALLOWED, ..OAuthError::invalid_request("send a POST") }.answer();
    }
    let event = Event::new("oauth/register");
    match server.clients.register(&asked.body, asked.peer).await {
        Ok((status, registered)) => {
            let client = registered["client_id"].as_str().unwrap_or_default();
            server.record(&event.client(client).succeeded());
            answers::json(status, &registered)
        }
        Err(error) => {
            server.record(&event.denied(error.code));
            error.answer()
        }
    }
}

/// Reads, changes or removes a registration (RFC 7592).
async fn manage(server: &Inner, id: &str, asked: &Asked) -> Answer {
    let event = Event::new("oauth/register/manage");
    let answer = server.clients.manage(id, asked).await;
    match answer.status() {
        status if status.is_success() => server.record(&event.client(id).succeeded()),
        StatusCode::UNAUTHORIZED => server.record(&event.denied("invalid_token")),
        _ => server.record(&event.denied("refused")),
    }
    if answer.status() == StatusCode::NO_CONTENT {
        // Its grants are gone from the store; here they may have been looked up a moment ago. The id is never given again.
        server.revoked.add(id, server.db.seconds(), server.rules.access_ttl.as_secs());
    }
    answer
}

fn nothing() -> Answer {
    answers::json(StatusCode::NOT_FOUND, &serde_json::json!({"error": "not_found", "error_description": "nothing is served here"}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_exact() {
        for (path, place) in [
            ("/authorize", Some(Place::Authorize)),
            ("/authorize/", None),
            ("/login/email", Some(Place::Login("email"))),
            ("/login/email/link", Some(Place::Link("email"))),
            ("/login/email/other", None),
            ("/.well-known/oauth-authorization-server/mcp", Some(Place::NoMetadata)),
            ("/register/abc", Some(Place::Registration("abc"))),
            ("/", None),
            ("/mcp", None),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }
}
