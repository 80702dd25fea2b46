//! The authorization endpoint (RFC 6749, section 3.1; OAuth 2.1, section 4.1.1).

use std::collections::BTreeSet;
use std::time::Duration;

use http::{Method, StatusCode};
use mcp_store::{Kind, When};

use super::pending::{ClientWants, Pending, Wants};
use super::{next, respond};
use crate::server::Inner;
use crate::server::client::{Client, GrantType, allows, check_redirect};
use crate::server::error::OAuthError;
use crate::server::http::{Answer, Asked, Params, WithCookie, network};
use crate::server::pages::View;
use crate::server::record::Event;
use crate::server::secrets::new_id;
use crate::server::token::is_challenge;

/// The longest state that is kept for a client, in bytes.
const MAX_STATE: usize = 4 * 1_024;
/// The longest form that is led on as a query, in bytes. URIs of more than 8 KiB are not answered.
const MAX_QUERY: usize = 7 * 1_024;
/// How many requests an address may have waiting within the time that one lasts.
const MAX_WAITING: u64 = 300;

const STARTED: Kind = Kind::from_static("authorize_count");

/// What is wrong before it is known where to lead back to: the person is told, and nobody is led anywhere.
struct Lost(&'static str, String);

/// Answers a client's request to act for a person.
pub(in crate::server) async fn answer(server: &Inner, asked: &Asked) -> Answer {
    match asked.method {
        Method::GET | Method::HEAD => {}
        Method::POST => return as_query(server, &asked.form().unwrap_or_default()),
        _ => return server.error_page(StatusCode::METHOD_NOT_ALLOWED, "This address is opened, not sent to", "Open it in a browser."),
    }
    match start(server, asked, &asked.query).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(Lost(title, message))) => {
            server.record(&Event::new("oauth/authorize").denied("client or redirect"));
            server.error_page(StatusCode::BAD_REQUEST, title, &message)
        }
        Err(error) => {
            server.record(&Event::new("oauth/authorize").denied(error.code));
            server.trouble(&error)
        }
    }
}

/// Has the browser come again with what it posted in the query (RFC 6749, section 3.1, has both).
///
/// Forms of other sites come without the cookie of the session, which is `SameSite=Lax`: one that began a session here would sign out
/// whoever has one. When the browser follows a redirect it sends the cookie.
fn as_query(server: &Inner, form: &Params) -> Answer {
    let query = form.to_query();
    if query.len() > MAX_QUERY {
        return server.error_page(StatusCode::BAD_REQUEST, "This link is broken", "It is longer than any app needs.");
    }
    crate::server::http::redirect(&server.rules.url(&format!("/authorize?{query}")))
}

async fn start(server: &Inner, asked: &Asked, params: &Params) -> Result<Result<Answer, Lost>, OAuthError> {
    let (client, redirect_uri) = match destination(server, params).await? {
        Ok(found) => found,
        Err(lost) => return Ok(Err(lost)),
    };
    let state = params.first("state").filter(|state| state.len() <= MAX_STATE).map(str::to_owned);
    let mut wants = ClientWants {
        client: client.id.clone(),
        client_name: client.name.clone(),
        client_source: client.source,
        redirect_uri,
        redirects: redirects(server, &client),
        state,
        challenge: String::new(),
        scopes: BTreeSet::new(),
        resources: Vec::new(),
        prompt: BTreeSet::new(),
        max_age: None,
    };
    if let Err(error) = fill(server, &client, params, &mut wants) {
        server.record(&Event::new("oauth/authorize").client(&client.id).denied(error.code));
        return Ok(Ok(respond::refuse(server, &wants, error.code, &error.description)));
    }
    if too_many(server, asked).await? {
        server.record(&Event::new("oauth/authorize").client(&client.id).denied("temporarily_unavailable"));
        return Ok(Ok(respond::refuse(
            server,
            &wants,
            "temporarily_unavailable",
            "too many sign-ins were begun from this address; try again later",
        )));
    }
    let current = server.sessions.find_or_begin(asked).await?;
    let silent = wants.prompt.contains("none");
    let pending = Pending::new(&current.session.browser, server.db.seconds(), Wants::Client(Box::new(wants)));
    let id = new_id();
    server.db.apply(vec![pending.put(&server.db, &id, When::Absent)]).await?;
    let cookie = current.set_cookie.clone();
    let answer = if silent {
        next::without_asking(server, &id, &pending, &current).await?
    } else {
        crate::server::http::redirect(&server.rules.url(&format!("/continue?request={id}")))
    };
    Ok(Ok(match cookie {
        Some(cookie) => answer.with_cookie(&cookie),
        None => answer,
    }))
}

/// Whether more is begun from an address than may wait at a time; counts this one.
pub(in crate::server) async fn too_many(server: &Inner, asked: &Asked) -> Result<bool, OAuthError> {
    let Some(peer) = asked.peer else { return Ok(false) };
    Ok(server.db.count(STARTED, &network(peer), Duration::from_secs(600)).await? > MAX_WAITING)
}

/// Stands for everywhere that a client may be led back to. It changes when that does.
pub(super) fn redirects(server: &Inner, client: &Client) -> String {
    let all: BTreeSet<&String> = client.redirect_uris.iter().collect();
    server.db.secrets().id_of(&serde_json::json!(all).to_string())
}

/// The client, and where to lead back to. Until that is known nobody is led anywhere (OAuth 2.1, section 4.1.2.1).
async fn destination(server: &Inner, params: &Params) -> Result<Result<(Client, String), Lost>, OAuthError> {
    const AGAIN: &str = "Go back to the app and connect it again. If that does not help, remove the connection there and add it anew.";
    let lost = |title, message: &str| Ok(Err(Lost(title, message.to_owned())));
    if params.one("client_id").is_err() || params.one("redirect_uri").is_err() || params.one("state").is_err() {
        return lost("This link is broken", "It names the app, or where to lead back to, more than once.");
    }
    let Some(id) = params.first("client_id") else { return lost("This link is broken", "It does not name an app.") };
    let client = match server.clients.find(id).await {
        Ok(client) => client,
        Err(error) if error.status == StatusCode::SERVICE_UNAVAILABLE => return Err(error),
        Err(error) => return lost("This app could not be looked up", &error.description),
    };
    let Some(client) = client else { return lost("This app is not known here", AGAIN) };
    let redirect_uri = match params.first("redirect_uri") {
        Some(uri) => Some(uri.to_owned()).filter(|uri| allows(&client.redirect_uris, uri)),
        None => Some(client.redirect_uris.as_slice()).and_then(|uris| match uris {
            [only] => Some(only.clone()),
            _ => None,
        }),
    };
    let safe = redirect_uri.filter(|uri| check_redirect(uri, !client.is_confidential() || uri.starts_with("http")).is_ok());
    match safe {
        Some(uri) => Ok(Ok((client, uri))),
        None => lost("This app may not be led back to there", AGAIN),
    }
}

/// Checks everything else that was asked for.
fn fill(server: &Inner, client: &Client, params: &Params, wants: &mut ClientWants) -> Result<(), OAuthError> {
    params.check_repeated(&["resource"])?;
    if params.first("request").is_some() {
        return Err(OAuthError::new("request_not_supported", "send the parameters themselves"));
    }
    if params.first("request_uri").is_some() {
        return Err(OAuthError::new("request_uri_not_supported", "send the parameters themselves"));
    }
    match params.first("response_type") {
        Some("code") => {}
        None => return Err(OAuthError::invalid_request("`response_type` is missing; it is `code`")),
        Some(_) => return Err(OAuthError::new("unsupported_response_type", "`response_type` is `code`")),
    }
    if params.first("response_mode").is_some_and(|mode| mode != "query") {
        return Err(OAuthError::invalid_request("`response_mode` is `query`"));
    }
    if params.one("state")?.is_some_and(|state| state.len() > MAX_STATE) {
        return Err(OAuthError::invalid_request("`state` is too long"));
    }
    if !client.may(GrantType::AuthorizationCode) {
        return Err(OAuthError::new("unauthorized_client", "the client did not register for codes"));
    }
    let challenge = params.first("code_challenge");
    match (challenge, params.first("code_challenge_method")) {
        (Some(challenge), Some("S256")) if is_challenge(challenge) => wants.challenge = challenge.to_owned(),
        (None, _) => return Err(OAuthError::invalid_request("`code_challenge` is missing; PKCE is required")),
        (_, Some("S256")) => return Err(OAuthError::invalid_request("`code_challenge` is no SHA-256 digest in base64url")),
        _ => return Err(OAuthError::invalid_request("`code_challenge_method` is `S256`, and nothing else")),
    }
    wants.resources = server.rules.resources_of(params.all("resource"))?;
    if wants.resources.is_empty() {
        wants.resources = server.rules.resources.iter().take(1).map(|served| served.canonical.clone()).collect();
    }
    wants.scopes = server.rules.scopes_of(params.first("scope"));
    wants.prompt = params.first("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if wants.prompt.contains("none") && wants.prompt.len() > 1 {
        return Err(OAuthError::invalid_request("`prompt` is `none`, or something else"));
    }
    wants.max_age = params.first("max_age").and_then(|age| age.parse().ok());
    Ok(())
}

impl Inner {
    /// A page that says what went wrong.
    pub(crate) fn error_page(&self, status: StatusCode, title: &str, message: &str) -> Answer {
        self.page(status, &View::Error { title: title.to_owned(), message: message.to_owned(), detail: None })
    }

    /// A page for what is nobody's fault who reads it.
    pub(crate) fn trouble(&self, error: &OAuthError) -> Answer {
        self.error_page(error.status, "That did not work", &error.description)
    }
}
