//! The page on which a person sees who acts for it, and takes it back.

use http::{Method, StatusCode};
use mcp_store::Index;

use super::Inner;
use super::client;
use super::error::OAuthError;
use super::flow::{person, start_for_agents, too_many, with_cookie};
use super::grant::Grant;
use super::http::{self as answers, Answer, Asked, WithCookie};
use super::pages::{Agent, View};
use super::record::Event;
use super::session::Current;
use super::usage::Use;

/// The most grants that are shown.
const MAX_SHOWN: usize = 200;

/// Shows who acts for the person, or takes something back.
pub(super) async fn answer(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let known = server.sessions.find(asked).await?;
    let somebody = match &known {
        Some(current) => person(server, current).await?,
        None => None,
    };
    let (Some(current), Some(person)) = (known, somebody) else {
        // A form of another site comes without the cookie of a session that there may be; with a redirect it comes.
        let posted = asked.method == Method::POST;
        return if posted { Ok(answers::redirect(&server.rules.url("/agents"))) } else { sign_in(server, asked).await };
    };
    if asked.method != Method::POST {
        return show(server, &current, &person.id, person.user.label(), None).await;
    }
    let Some(form) = server.own_form(asked, &current) else { return Ok(server.forged()) };
    let ended = if form.first("all").is_some() {
        server.end_all_of(&person.id).await?
    } else if let Some(grant) = form.first("grant") {
        server.end_one_of(&person.id, grant).await?
    } else {
        Vec::new()
    };
    let notice = match &ended[..] {
        [] => "Nothing was taken back; it may have ended already.".to_owned(),
        [name] => format!("{name} can no longer act for you."),
        several => format!("{} apps can no longer act for you.", several.len()),
    };
    show(server, &current, &person.id, person.user.label(), Some(notice)).await
}

/// Has the person sign in first.
async fn sign_in(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    if too_many(server, asked).await? {
        server.record(&Event::new("login").denied("too many"));
        let (title, what) = ("Too many sign-ins were begun", "They came from your address. Try again in ten minutes.");
        return Ok(server.error_page(StatusCode::TOO_MANY_REQUESTS, title, what));
    }
    let current = server.sessions.find_or_begin(asked).await?;
    start_for_agents(server, &current).await
}

async fn show(server: &Inner, current: &Current, user: &str, label: &str, notice: Option<String>) -> Result<Answer, OAuthError> {
    server.usage.flush(&server.db).await?;
    let own = server.db.list::<Grant>(Index::Subject(user, Some(<Grant as super::db::Row>::KIND)), MAX_SHOWN).await?;
    let mut agents = Vec::with_capacity(own.len());
    for found in own {
        let used = server.db.get::<Use>(&found.id).await?.map(|found| found.value);
        agents.push(agent(server, &found.id, &found.value, used));
    }
    let view = View::Agents {
        user: label.to_owned(),
        agents,
        form: server.form("/agents", current),
        logout: server.form("/logout", current),
        notice,
    };
    Ok(with_cookie(server.page(StatusCode::OK, &view), current))
}

fn agent(server: &Inner, id: &str, grant: &Grant, used: Option<Use>) -> Agent {
    Agent {
        grant: id.to_owned(),
        client: client::line(&grant.client_name, grant.client_source, &grant.redirect_uri),
        scopes: grant.scopes_at(server.db.seconds()).into_iter().collect(),
        since: day(grant.created),
        last_used: used.as_ref().map(|used| day(used.last)),
        last_tool: used.as_ref().map(|used| used.item.clone()),
        calls: used.map_or(0, |used| used.calls),
        expires: day(grant.refresh.as_ref().map_or(grant.ends, |refresh| refresh.idle_ends.min(grant.ends))),
    }
}

/// A date, to the minute and in UTC.
fn day(seconds: u64) -> String {
    let text = mcp_core::rfc3339_millis(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds));
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or_default())
}

/// Signs the person out.
pub(super) async fn log_out(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(answers::redirect(&server.rules.url("/agents"))) };
    if asked.method != Method::POST || server.own_form(asked, &current).is_none() {
        return Ok(server.forged());
    }
    let cookie = server.sessions.end(&current).await?;
    server.record(&Event::new("logout").user(current.session.user.as_deref().unwrap_or_default()).succeeded());
    let view = View::Done { title: "Signed out".to_owned(), message: "You can close this page.".to_owned() };
    Ok(server.page(StatusCode::OK, &view).with_cookie(&cookie))
}
