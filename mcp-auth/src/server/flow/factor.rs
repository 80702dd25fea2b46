//! A second factor, when something that is asked for needs one.

use http::StatusCode;
use mcp_core::Tier;
use mcp_store::When;

use super::next::{self, Person};
use super::pending::{self, ClientWants, Pending};
use crate::server::Inner;
use crate::server::db::Found;
use crate::server::error::OAuthError;
use crate::server::factor::{Begun, Confirmed, Enrolment, Verdict};
use crate::server::http::{self as answers, Answer, Asked};
use crate::server::pages::View;
use crate::server::record::Event;
use crate::server::session::Current;

/// Asks for a second factor, or for one to be set up.
pub(super) async fn ask(
    server: &Inner,
    found: &Found<Pending>,
    wants: &ClientWants,
    current: &Current,
    person: &Person,
    problem: Option<String>,
) -> Result<Answer, OAuthError> {
    if server.factors.is_enrolled(&person.id).await? {
        let elevated = wants.scopes.intersection(&server.rules.elevated).cloned().collect();
        let view = View::SecondFactor {
            client: Some(next::client_line(wants)),
            form: server.form(&format!("/factor?request={}", found.id), current),
            why: next::lines(server, &elevated, Tier::Admin),
            problem,
            skippable: true,
        };
        return Ok(server.page(StatusCode::OK, &view));
    }
    let (session, signed_in) = (&current.session.browser, current.session.auth_time);
    match server.factors.begin_enrolment(&person.id, session, signed_in, person.user.label(), server.brand.name()).await? {
        Begun::Started(begun) => Ok(server.page(StatusCode::OK, &enrolment(server, found, wants, current, begun, problem))),
        // Whoever finds a browser open shall not set up a second factor of its own.
        Begun::SignInAgain => {
            let nobody = server.sessions.sign_out(current).await?;
            let to = server.rules.url(&format!("/continue?request={}", found.id));
            Ok(next::with_cookie(answers::redirect(&to), &nobody))
        }
        Begun::AlreadyEnrolled => Ok(answers::redirect(&server.rules.url(&format!("/continue?request={}", found.id)))),
    }
}

fn enrolment(
    server: &Inner,
    found: &Found<Pending>,
    wants: &ClientWants,
    current: &Current,
    begun: Enrolment,
    problem: Option<String>,
) -> View {
    View::Enrol {
        form: server.form(&format!("/factor/enrol?request={}", found.id), current),
        qr_svg: begun.qr_svg,
        secret: begun.secret,
        uri: begun.uri,
        problem,
        client: Some(next::client_line(wants)),
    }
}

/// Takes a code, or goes on without.
pub(in crate::server) async fn present(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    let Some(form) = server.own_form(asked, &current) else { return Ok(server.forged()) };
    let Some(found) = pending::of(&server.db, asked, &current).await? else { return Ok(next::over(server)) };
    let Some(person) = next::person(server, &current).await? else { return next::show(server, &found, &current, None).await };
    if form.first("skip").is_some() {
        return without(server, found, &current).await;
    }
    let event = Event::new("second_factor").user(&person.id);
    let problem = match server.factors.verify(&person.id, form.first("code").unwrap_or_default()).await? {
        Verdict::Verified { amr, .. } => {
            server.record(&event.succeeded());
            let current = server.sessions.stepped_up(&current, &amr).await?;
            let to = server.rules.url(&format!("/continue?request={}", found.id));
            return Ok(next::with_cookie(answers::redirect(&to), &current));
        }
        Verdict::Wrong => "That code is not right. Codes change every 30 seconds, and each can be used once.".to_owned(),
        Verdict::Locked { until } => {
            let minutes = until.saturating_sub(server.db.seconds()).div_ceil(60).max(1);
            format!("Too many wrong codes. Try again in {minutes} {}.", if minutes == 1 { "minute" } else { "minutes" })
        }
        Verdict::NotEnrolled => return next::show(server, &found, &current, None).await,
    };
    server.record(&event.denied("wrong code"));
    next::show(server, &found, &current, Some(problem)).await
}

async fn without(server: &Inner, mut found: Found<Pending>, current: &Current) -> Result<Answer, OAuthError> {
    found.value.without_factor = true;
    if !server.db.apply(vec![found.value.put(&server.db, &found.id, When::Version(found.version))]).await? {
        return Ok(next::over(server));
    }
    Ok(next::with_cookie(answers::redirect(&server.rules.url(&format!("/continue?request={}", found.id))), current))
}

/// Takes the first code of an authenticator app, and with it sets it up.
pub(in crate::server) async fn enrol(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    let Some(form) = server.own_form(asked, &current) else { return Ok(server.forged()) };
    let Some(found) = pending::of(&server.db, asked, &current).await? else { return Ok(next::over(server)) };
    let (Some(wants), Some(person)) = (found.value.client(), next::person(server, &current).await?) else {
        return next::show(server, &found, &current, None).await;
    };
    if form.first("skip").is_some() {
        return without(server, found, &current).await;
    }
    let event = Event::new("second_factor").item("enrol").user(&person.id);
    let code = form.first("code").unwrap_or_default();
    match server.factors.confirm_enrolment(&person.id, &current.session.browser, code).await? {
        Confirmed::Done { recovery_codes } => {
            server.record(&event.succeeded());
            server.tell_of_second_factor(&person.user).await;
            let current = server.sessions.stepped_up(&current, &["otp"]).await?;
            let form = server.form(&format!("/continue?request={}", found.id), &current);
            let view = View::RecoveryCodes { codes: recovery_codes, form };
            Ok(next::with_cookie(server.page(StatusCode::OK, &view), &current))
        }
        Confirmed::Wrong(again) => {
            server.record(&event.denied("wrong code"));
            let problem = "That code is not right. Enter the one that the app shows now.".to_owned();
            Ok(server.page(StatusCode::OK, &enrolment(server, &found, wants, &current, again, Some(problem))))
        }
        Confirmed::Gone => next::show(server, &found, &current, None).await,
    }
}
