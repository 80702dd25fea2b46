//! What a person has to do next, by what is known so far.

use std::collections::BTreeSet;

use http::StatusCode;
use mcp_core::Tier;
use mcp_store::When;

use super::consent::{self, Offer};
use super::pending::{self, ClientWants, Pending, Wants};
use super::{factor, respond};
use crate::server::Inner;
use crate::server::db::Found;
use crate::server::error::OAuthError;
use crate::server::http::{self as answers, Answer, Asked, WithCookie};
use crate::server::pages::{ClientLine, MethodForm, View};
use crate::server::record::Event;
use crate::server::secrets::new_id;
use crate::server::session::Current;
use crate::server::user::{self, User};

/// How long ago a second factor may have been presented to count for what is asked for now, in seconds.
const FACTOR_FRESH: u64 = 300;

/// Who is signed in, and what it may give.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) user: User,
}

/// What has to happen before a client gets its answer.
pub(super) enum Step {
    SignIn,
    /// The operator does not let this person in.
    NotAdmitted(Person),
    SecondFactor(Person),
    Consent(Person, Offer),
    /// The person has decided before, and nothing has changed.
    Decided(Person, Offer),
}

/// Shows what a person has to do next.
pub(in crate::server) async fn go_on(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(over(server)) };
    let Some(found) = pending::of(&server.db, asked, &current).await? else { return Ok(over(server)) };
    show(server, &found, &current, None).await
}

/// The page for a sign-in that is over, or was begun in another browser.
pub(super) fn over(server: &Inner) -> Answer {
    server.record(&Event::new("login").denied("no such sign-in"));
    server.error_page(
        StatusCode::BAD_REQUEST,
        "This sign-in is over",
        "It was finished, took too long, or was begun in another browser. Go back to the app and connect it again.",
    )
}

/// Shows what comes next for something that waits.
pub(super) async fn show(server: &Inner, found: &Found<Pending>, current: &Current, problem: Option<String>) -> Result<Answer, OAuthError> {
    let answer = match &found.value.wants {
        Wants::Agents => match person(server, current).await? {
            Some(_) => answers::redirect(&server.rules.url("/agents")),
            None => sign_in(server, &found.id, None, current, problem),
        },
        Wants::Client(wants) => match step(server, &found.value, wants, current).await? {
            Step::SignIn => sign_in(server, &found.id, Some(wants), current, problem),
            Step::NotAdmitted(person) => {
                server.record(&Event::new("oauth/authorize").client(&wants.client).user(&person.id).denied("not admitted"));
                not_admitted(server, &found.id, wants, current, &person)
            }
            Step::SecondFactor(person) => factor::ask(server, found, wants, current, &person, problem).await?,
            Step::Consent(person, offer) => consent::ask(server, &found.id, wants, current, &person, &offer),
            Step::Decided(person, offer) => consent::give(server, found, wants, current, &person, offer.given_before()).await?,
        },
    };
    Ok(with_cookie(answer, current))
}

pub(crate) fn with_cookie(answer: Answer, current: &Current) -> Answer {
    match &current.set_cookie {
        Some(cookie) => answer.with_cookie(cookie),
        None => answer,
    }
}

/// Answers a client that wants no page shown (OpenID Connect Core, section 3.1.2.1, `prompt=none`).
pub(super) async fn without_asking(server: &Inner, id: &str, pending: &Pending, current: &Current) -> Result<Answer, OAuthError> {
    let Some(wants) = pending.client() else { return Ok(over(server)) };
    let error = match step(server, pending, wants, current).await? {
        Step::SignIn => ("login_required", "nobody is signed in"),
        Step::NotAdmitted(_) => ("access_denied", "this server does not admit the person"),
        Step::SecondFactor(_) => ("interaction_required", "a second factor is needed"),
        Step::Consent(..) => ("consent_required", "the person has to decide"),
        Step::Decided(person, offer) => {
            let Some(found) = pending::by_id(&server.db, id, current).await? else { return Ok(over(server)) };
            return consent::give(server, &found, wants, current, &person, offer.given_before()).await;
        }
    };
    server.record(&Event::new("oauth/authorize").client(&wants.client).denied(error.0));
    Ok(respond::refuse(server, wants, error.0, error.1))
}

/// Who is signed in with a browser, unless it is locked out.
pub(crate) async fn person(server: &Inner, current: &Current) -> Result<Option<Person>, OAuthError> {
    let Some(id) = &current.session.user else { return Ok(None) };
    let found = server.db.get::<User>(id).await?.filter(|user| !user.value.disabled);
    Ok(found.map(|found| Person { id: id.clone(), user: found.value }))
}

pub(super) async fn step(server: &Inner, pending: &Pending, wants: &ClientWants, current: &Current) -> Result<Step, OAuthError> {
    let Some(person) = person(server, current).await? else { return Ok(Step::SignIn) };
    let signed_in = current.session.auth_time;
    let again = wants.prompt.contains("login") || wants.prompt.contains("select_account");
    let stale = wants.max_age.is_some_and(|age| pending.created.saturating_sub(signed_in) > age);
    if (again || stale) && signed_in < pending.created {
        return Ok(Step::SignIn);
    }
    let Ok(allowed) = user::allowed(&server.policy, &wants.scopes, &person.user) else { return Ok(Step::NotAdmitted(person)) };
    let mut scopes = allowed.scopes;
    let has_factor = factor_time(server, current).is_some();
    if !scopes.is_disjoint(&server.rules.elevated) && !has_factor {
        if !pending.without_factor {
            return Ok(Step::SecondFactor(person));
        }
        scopes.retain(|scope| !server.rules.elevated.contains(scope));
    }
    let offer = consent::offer(server, wants, &person, scopes, allowed.tier).await?;
    Ok(if offer.remembered.is_some() { Step::Decided(person, offer) } else { Step::Consent(person, offer) })
}

/// When a second factor was presented, if that is not long ago.
pub(super) fn factor_time(server: &Inner, current: &Current) -> Option<u64> {
    let now = server.db.seconds();
    current.session.factor_time.filter(|time| now.saturating_sub(*time) <= FACTOR_FRESH)
}

/// Offers ways to sign in. Nothing leads elsewhere before the person has seen who asks and has chosen.
fn sign_in(server: &Inner, id: &str, wants: Option<&ClientWants>, current: &Current, problem: Option<String>) -> Answer {
    let methods = server.methods.iter().map(|method| MethodForm {
        label: method.label(),
        form: server.form(&format!("/login/{}/begin?request={id}", method.id()), current),
    });
    let view = View::Login { client: wants.map(client_line), methods: methods.collect(), problem };
    server.page(StatusCode::OK, &view)
}

fn not_admitted(server: &Inner, id: &str, wants: &ClientWants, current: &Current, person: &Person) -> Answer {
    let view = View::NotAdmitted {
        user: person.user.label().to_owned(),
        client: client_line(wants),
        deny: server.form(&format!("/consent?request={id}"), current),
        switch_user: server.form(&format!("/switch?request={id}"), current),
    };
    server.page(StatusCode::FORBIDDEN, &view)
}

/// A client as people can tell it apart.
pub(super) fn client_line(wants: &ClientWants) -> ClientLine {
    crate::server::client::line(&wants.client_name, wants.client_source, &wants.redirect_uri)
}

/// Begins a sign-in to see which clients act for the person.
pub(crate) async fn start_for_agents(server: &Inner, current: &Current) -> Result<Answer, OAuthError> {
    let pending = Pending::new(&current.session.browser, server.db.seconds(), Wants::Agents);
    let id = new_id();
    server.db.apply(vec![pending.put(&server.db, &id, When::Absent)]).await?;
    Ok(with_cookie(answers::redirect(&server.rules.url(&format!("/continue?request={id}"))), current))
}

/// The scopes of a tier that a person sees described.
pub(super) fn lines(server: &Inner, scopes: &BTreeSet<String>, tier: Tier) -> Vec<crate::server::pages::ScopeLine> {
    let rules = &server.rules;
    scopes
        .iter()
        .map(|scope| server.catalog.line(scope, tier, *scope == rules.second_factor_scope, rules.elevated.contains(scope)))
        .collect()
}
