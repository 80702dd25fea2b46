//! Signing in, by whichever method the person chose.

use http::{Method, StatusCode};
use mcp_store::{Kind, When};
use serde::{Deserialize, Serialize};
use url::Url;

use super::next;
use super::pending::{self, LASTS, Pending};
use crate::server::Inner;
use crate::server::db::{Found, Owners, Row};
use crate::server::error::OAuthError;
use crate::server::http::{self as answers, Answer, Asked};
use crate::server::login::{Identity, LoginContext, LoginMethod, LoginNext, LoginStep, LoginView};
use crate::server::pages::View;
use crate::server::record::Event;
use crate::server::session::Current;
use crate::server::user;

/// Where a browser was sent that is to come back with a state, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Away {
    request: String,
    browser: String,
    method: String,
}

impl Row for Away {
    const KIND: Kind = Kind::from_static("away");
}

/// Begins a method that the person chose.
pub(in crate::server) async fn begin(server: &Inner, asked: &Asked, method: &str) -> Result<Answer, OAuthError> {
    own_step(server, asked, method, true).await
}

/// Takes a form of a method.
pub(in crate::server) async fn send(server: &Inner, asked: &Asked, method: &str) -> Result<Answer, OAuthError> {
    own_step(server, asked, method, false).await
}

/// Takes a step that a form of ours sent.
async fn own_step(server: &Inner, asked: &Asked, method: &str, begins: bool) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    if asked.method != Method::POST {
        // Whoever reloads or comes back to the page starts this step again.
        let Some(found) = pending::of(&server.db, asked, &current).await? else { return Ok(next::over(server)) };
        return next::show(server, &found, &current, None).await;
    }
    let Some(form) = server.own_form(asked, &current) else { return Ok(server.forged()) };
    let Some(mut found) = pending::of(&server.db, asked, &current).await? else { return Ok(next::over(server)) };
    if begins {
        server.sessions.begins(&current, &found.id).await?;
        found.value.method = method.to_owned();
        found.value.state = serde_json::Value::Null;
    }
    take(server, asked, found, &current, method, if begins { LoginStep::Begin } else { LoginStep::Form(&form) }).await
}

/// Takes the step of a browser that comes back from another site. The state that it brings is good once.
pub(in crate::server) async fn come_back(server: &Inner, asked: &Asked, method: &str) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    let params = if asked.method == Method::POST { asked.form().unwrap_or_default() } else { asked.query.clone() };
    let Ok(Some(state)) = params.one("state") else { return Ok(next::over(server)) };
    let Some(away) = server.db.take::<Away>(&server.db.secrets().id_of(state)).await? else { return Ok(next::over(server)) };
    if away.browser != current.session.browser || away.method != method {
        server.record(&Event::new("login").item(method).denied("came back in another browser"));
        return Ok(next::over(server));
    }
    let Some(found) = pending::by_id(&server.db, &away.request, &current).await? else { return Ok(next::over(server)) };
    take(server, asked, found, &current, method, LoginStep::Callback(&params)).await
}

async fn take(
    server: &Inner,
    asked: &Asked,
    found: Found<Pending>,
    current: &Current,
    name: &str,
    step: LoginStep<'_>,
) -> Result<Answer, OAuthError> {
    let Some(method) = server.method(name).filter(|_| found.value.method == name) else { return Ok(next::over(server)) };
    let mut state = found.value.state.clone();
    let callback_url = server.rules.url(&format!("/login/{name}/callback"));
    let mut cx = LoginContext {
        state: &mut state,
        flow: &found.id,
        callback_url: &callback_url,
        public_url: &server.rules.issuer,
        client_name: found.value.client().map_or(server.brand.name(), |wants| &wants.client_name),
        address: asked.peer,
        clock: &server.clock,
    };
    let next = method.step(&mut cx, step).await;
    match next {
        Ok(LoginNext::Done(identity)) => signed_in(server, found, current, name, &identity).await,
        Ok(LoginNext::Show(view)) => {
            note(server, name, &view);
            let Some(found) = keep(server, found, state).await? else { return Ok(next::over(server)) };
            let view = View::Method {
                client: found.value.client().map(next::client_line),
                view,
                form: server.form(&format!("/login/{name}?request={}", found.id), current),
                back: server.rules.url(&format!("/continue?request={}", found.id)),
            };
            Ok(server.page(StatusCode::OK, &view))
        }
        Ok(LoginNext::Redirect(to)) => {
            let Some(found) = keep(server, found, state).await? else { return Ok(next::over(server)) };
            send_away(server, &found, current, name, &to).await?;
            Ok(answers::redirect(&to))
        }
        Err(error) => {
            server.record(&Event::new("login").item(name).denied("not identified"));
            let Some(found) = keep(server, found, serde_json::Value::Null).await? else { return Ok(next::over(server)) };
            next::show(server, &found, current, Some(error.message)).await
        }
    }
}

/// Records what a page of a method says happened.
fn note(server: &Inner, method: &str, view: &LoginView) {
    match view {
        LoginView::AskEmail { problem: Some(_) } | LoginView::MailSent { problem: Some(_), .. } => {
            server.record(&Event::new("login").item(method).denied("not identified"));
        }
        // Whether a mail is sent is decided later, and recorded then.
        _ => {}
    }
}

/// Keeps what a method remembers; `None` if somebody else went on meanwhile.
async fn keep(server: &Inner, mut found: Found<Pending>, state: serde_json::Value) -> Result<Option<Found<Pending>>, OAuthError> {
    found.value.state = state;
    let kept = server.db.apply(vec![found.value.put(&server.db, &found.id, When::Version(found.version))]).await?;
    found.version += 1;
    Ok(kept.then_some(found))
}

/// Notes where a browser was sent, so that it can come back from there.
async fn send_away(server: &Inner, found: &Found<Pending>, current: &Current, method: &str, to: &str) -> Result<(), OAuthError> {
    let url = Url::parse(to).ok();
    let state = url.and_then(|url| url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()));
    let Some(state) = state else { return Ok(()) };
    let away = Away { request: found.id.clone(), browser: current.session.browser.clone(), method: method.to_owned() };
    let owners = Owners { expires: Some(server.db.after(LASTS)), ..Owners::default() };
    server.db.apply(vec![server.db.put(&server.db.secrets().id_of(&state), &away, owners, When::Absent)]).await?;
    Ok(())
}

/// Goes on as somebody who was identified.
pub(super) async fn signed_in(
    server: &Inner,
    found: Found<Pending>,
    current: &Current,
    method: &str,
    identity: &Identity,
) -> Result<Answer, OAuthError> {
    let (id, person) = user::note(&server.db, identity).await?;
    let event = Event::new("login").item(method).user(&id);
    if person.disabled {
        server.record(&event.denied("locked out"));
        return Ok(server.error_page(StatusCode::FORBIDDEN, "This account is locked", "Ask whoever runs this server."));
    }
    let amr = identity.amr.iter().map(|method| (*method).to_owned()).collect();
    let current = server.sessions.sign_in(current, &id, amr).await?;
    server.record(&event.succeeded());
    let Some(found) = keep(server, found, serde_json::Value::Null).await? else { return Ok(next::over(server)) };
    // A page of its own, so that nothing of the sign-in is in the history of what follows.
    let to = server.rules.url(&format!("/continue?request={}", found.id));
    Ok(next::with_cookie(answers::redirect(&to), &current))
}

/// Signs the person out and starts the sign-in again.
pub(in crate::server) async fn switch(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    if server.own_form(asked, &current).is_none() {
        return Ok(server.forged());
    }
    let Some(found) = pending::of(&server.db, asked, &current).await? else { return Ok(next::over(server)) };
    let nobody = server.sessions.sign_out(&current).await?;
    let to = server.rules.url(&format!("/continue?request={}", found.id));
    Ok(next::with_cookie(answers::redirect(&to), &nobody))
}

impl Inner {
    pub(crate) fn method(&self, name: &str) -> Option<&dyn LoginMethod> {
        self.methods.iter().find(|method| method.id() == name).map(AsRef::as_ref)
    }
}
