//! A second factor, when something that is asked for needs one.

use http::StatusCode;
use mcp_core::Tier;
use mcp_store::When;

use super::next::{self, Person};
use super::pending::{self, ClientWants, Pending};
use crate::server::Inner;
use crate::server::db::Found;
use crate::server::error::OAuthError;
use crate::server::factor::{Enrolment, Presented};
use crate::server::http::{self as answers, Answer, Asked};
use crate::server::pages::View;
use crate::server::record::Event;
use crate::server::session::Current;

/// How long ago a person may have signed in to set a second factor up, in seconds: who finds a browser open shall not.
const RECENT: u64 = 600;

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
    if server.db.seconds().saturating_sub(current.session.auth_time) > RECENT {
        let nobody = server.sessions.sign_out(current).await?;
        let to = server.rules.url(&format!("/continue?request={}", found.id));
        return Ok(next::with_cookie(answers::redirect(&to), &nobody));
    }
    let begun = server.factors.begin_enrolment(&person.id, person.user.label(), server.brand.name()).await?;
    Ok(server.page(StatusCode::OK, &enrolment(server, found, wants, current, begun, problem)))
}

fn enrolment(server: &Inner, found: &Found<Pending>, wants: &ClientWants, current: &Current, begun: Enrolment, problem: Option<String>) -> View {
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
        Presented::Verified(amr) => {
            server.record(&event.succeeded());
            let current = server.sessions.stepped_up(&current, amr).await?;
            let to = server.rules.url(&format!("/continue?request={}", found.id));
            return Ok(next::with_cookie(answers::redirect(&to), &current));
        }
        Presented::Wrong => "That code is not right. Codes change every 30 seconds, and each can be used once.".to_owned(),
        Presented::Locked { seconds } => format!("Too many wrong codes. Try again in {} minutes.", seconds.div_ceil(60).max(1)),
        Presented::NotEnrolled => return next::show(server, &found, &current, None).await,
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
    if server.db.seconds().saturating_sub(current.session.auth_time) > RECENT || server.factors.is_enrolled(&person.id).await? {
        return next::show(server, &found, &current, None).await;
    }
    let event = Event::new("second_factor").item("enrol").user(&person.id);
    let Some(codes) = server.factors.confirm_enrolment(&person.id, form.first("code").unwrap_or_default()).await? else {
        server.record(&event.denied("wrong code"));
        let begun = server.factors.begin_enrolment(&person.id, person.user.label(), server.brand.name()).await?;
        let problem = "That code is not right. Enter the one that the app shows now.".to_owned();
        return Ok(server.page(StatusCode::OK, &enrolment(server, &found, wants, &current, begun, Some(problem))));
    };
    server.record(&event.succeeded());
    let current = server.sessions.stepped_up(&current, &["otp"]).await?;
    let form = server.form(&format!("/continue?request={}", found.id), &current);
    Ok(next::with_cookie(server.page(StatusCode::OK, &View::RecoveryCodes { codes, form }), &current))
}
