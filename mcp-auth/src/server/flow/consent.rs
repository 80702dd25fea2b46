//! The decision: whether a client may act for a person, with what, and for how long.

use std::collections::BTreeSet;

use http::StatusCode;
use mcp_core::Tier;
use mcp_store::{Change, Kind, When};
use serde::{Deserialize, Serialize};

use super::authorize::redirects;
use super::next::{self, Person, Step};
use super::pending::{self, ClientWants, Pending};
use super::respond;
use crate::server::Inner;
use crate::server::client::host_for_display;
use crate::server::db::{Found, Owners, Row};
use crate::server::error::OAuthError;
use crate::server::grant::{Code, Grant};
use crate::server::http::{self as answers, Answer, Asked, Params};
use crate::server::pages::{Consent, View};
use crate::server::record::Event;
use crate::server::secrets::{new_id, new_secret};
use crate::server::session::Current;
use crate::server::token::code_owners;

/// For how many days it can be given.
const DAYS: [(u64, &str); 5] = [(1, "1 day"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days")];
/// What is chosen at first.
const USUAL_DAYS: u64 = 90;

/// What a person decided before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    client: String,
    redirect_uri: String,
    /// Stands for everywhere that the client could be led back to then.
    #[serde(default)]
    redirects: String,
    resources: Vec<String>,
    /// What was offered, and what of it was given.
    offered: BTreeSet<String>,
    given: BTreeSet<String>,
    days: u64,
}

/// The kind of what people decided.
pub(in crate::server) const CONSENT: Kind = Kind::from_static("consent");

impl Row for Remembered {
    const KIND: Kind = CONSENT;
}

/// What a person can give.
pub(super) struct Offer {
    pub(super) scopes: BTreeSet<String>,
    tier: Tier,
    /// What it gave before, if that still holds.
    pub(super) remembered: Option<BTreeSet<String>>,
    pub(super) days: u64,
}

/// What a person gives.
pub(super) struct Given {
    scopes: BTreeSet<String>,
    days: u64,
    /// Keeps the decision, if it is new.
    kept: Option<Change>,
}

impl Offer {
    /// What was decided before.
    pub(super) fn given_before(&self) -> Given {
        Given { scopes: self.remembered.clone().unwrap_or_default(), days: self.days, kept: None }
    }
}

/// What a person can give a client, and whether it has been decided before.
pub(super) async fn offer(
    server: &Inner,
    wants: &ClientWants,
    person: &Person,
    scopes: BTreeSet<String>,
    tier: Tier,
) -> Result<Offer, OAuthError> {
    let mut offer = Offer { scopes, tier, remembered: None, days: USUAL_DAYS };
    let known = server.db.get::<Remembered>(&remembered_id(server, wants, person)).await?;
    let Some(known) = known.map(|known| known.value).filter(|_| !wants.prompt.contains("consent")) else { return Ok(offer) };
    let covers = known.client == wants.client
        && known.redirect_uri == wants.redirect_uri
        && known.redirects == wants.redirects
        && known.resources == wants.resources
        && offer.scopes.is_subset(&known.offered)
        // Whatever runs on this machine can say to be the client; the person has to see that each time (RFC 8252, section 8.6).
        && !host_for_display(&wants.redirect_uri).1
        && wants.redirect_uri.starts_with("https://");
    if covers && offer.scopes.is_disjoint(&server.rules.elevated) {
        let given: BTreeSet<String> = offer.scopes.intersection(&known.given).cloned().collect();
        // Nothing of what is asked for now was given: that is no answer to this question.
        offer.remembered = Some(given).filter(|given| !given.is_empty() || offer.scopes.is_empty());
        offer.days = known.days;
    }
    Ok(offer)
}

fn remembered_id(server: &Inner, wants: &ClientWants, person: &Person) -> String {
    server.db.secrets().id_of(&format!("consent|{}|{}|{}", person.id, wants.client, wants.redirect_uri))
}

/// Asks the person.
pub(super) fn ask(server: &Inner, id: &str, wants: &ClientWants, current: &Current, person: &Person, offer: &Offer) -> Answer {
    let longest = server.rules.grant_max.as_secs() / 86_400;
    let offered: Vec<(u64, &str)> = DAYS.into_iter().filter(|(days, _)| *days <= longest.max(1)).collect();
    let usual = offered.iter().map(|(days, _)| *days).filter(|days| *days <= USUAL_DAYS).max().unwrap_or(1);
    let consent = Consent {
        client: next::client_line(wants),
        user: person.user.label().to_owned(),
        resources: names(server, &wants.resources),
        scopes: next::lines(server, &offer.scopes, offer.tier),
        expiries: offered.iter().map(|(days, label)| (days.to_string(), (*label).to_owned(), *days == usual)).collect(),
        form: server.form(&format!("/consent?request={id}"), current),
        switch_user: server.form(&format!("/switch?request={id}"), current),
    };
    server.page(StatusCode::OK, &View::Consent(Box::new(consent)))
}

/// What people call what is to be used: the server, if that is all there is on it.
fn names(server: &Inner, resources: &[String]) -> Vec<String> {
    if server.rules.resources.len() == 1 { vec![server.brand.name().to_owned()] } else { resources.to_vec() }
}

/// Takes the decision.
pub(in crate::server) async fn decide(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    let Some(form) = server.own_form(asked, &current) else { return Ok(server.forged()) };
    let Some(found) = pending::of(&server.db, asked, &current).await? else { return Ok(next::over(server)) };
    let Some(wants) = found.value.client() else { return Ok(next::over(server)) };
    if form.first("decision") != Some("allow") {
        return deny(server, &found, wants, &current).await;
    }
    match next::step(server, &found.value, wants, &current).await? {
        Step::Consent(person, offer) | Step::Decided(person, offer) => {
            let scopes: BTreeSet<String> = form.all("scope").filter(|scope| offer.scopes.contains(*scope)).map(str::to_owned).collect();
            let days = days(&form);
            let kept = Some(remember(server, wants, &person, offer.scopes, scopes.clone(), days));
            give(server, &found, wants, &current, &person, Given { scopes, days, kept }).await
        }
        // The session or the policy has changed meanwhile.
        _ => next::show(server, &found, &current, None).await,
    }
}

/// Whether a client is gone, or is led back elsewhere, since it asked.
async fn has_changed(server: &Inner, wants: &ClientWants) -> Result<bool, OAuthError> {
    let client = server.clients.find(&wants.client).await?;
    Ok(client.is_none_or(|client| redirects(server, &client) != wants.redirects))
}

fn days(form: &Params) -> u64 {
    let chosen = form.first("expires").and_then(|days| days.parse().ok());
    chosen.filter(|chosen| DAYS.iter().any(|(days, _)| days == chosen)).unwrap_or(USUAL_DAYS)
}

async fn deny(server: &Inner, found: &Found<Pending>, wants: &ClientWants, current: &Current) -> Result<Answer, OAuthError> {
    server.db.apply(vec![server.db.remove::<Pending>(&found.id, When::Any)]).await?;
    let event = Event::new("oauth/authorize").client(&wants.client);
    server.record(&event.user(current.session.user.as_deref().unwrap_or_default()).denied("by the person"));
    Ok(respond::refuse(server, wants, "access_denied", "the person said no"))
}

/// The change that keeps a decision.
fn remember(server: &Inner, wants: &ClientWants, person: &Person, offered: BTreeSet<String>, given: BTreeSet<String>, days: u64) -> Change {
    let remembered = Remembered {
        client: wants.client.clone(),
        redirect_uri: wants.redirect_uri.clone(),
        redirects: wants.redirects.clone(),
        resources: wants.resources.clone(),
        offered,
        given,
        days,
    };
    let owners = Owners {
        subject: Some(person.id.clone()),
        client: Some(wants.client.clone()),
        expires: Some(server.db.after(std::time::Duration::from_secs(days * 86_400))),
        ..Owners::default()
    };
    server.db.put(&remembered_id(server, wants, person), &remembered, owners, When::Any)
}

/// Gives the client a code. The request is over with that, all at once: it cannot be answered twice.
pub(super) async fn give(
    server: &Inner,
    found: &Found<Pending>,
    wants: &ClientWants,
    current: &Current,
    person: &Person,
    given: Given,
) -> Result<Answer, OAuthError> {
    if has_changed(server, wants).await? {
        server.record(&Event::new("oauth/authorize").client(&wants.client).user(&person.id).denied("client or redirect"));
        server.db.apply(vec![server.db.remove::<Pending>(&found.id, When::Any)]).await?;
        let (title, what) = ("This app has changed meanwhile", "Go back to the app and connect it again.");
        return Ok(server.error_page(StatusCode::BAD_REQUEST, title, what));
    }
    let (now, rules) = (server.db.seconds(), &server.rules);
    let elevated: BTreeSet<String> = given.scopes.intersection(&rules.elevated).cloned().collect();
    let elevated_until = next::factor_time(server, current).map_or(0, |time| time + rules.elevated_for.as_secs());
    if !elevated.is_empty() && elevated_until <= now {
        // It took too long; the factor is asked for again.
        return Ok(answers::redirect(&server.rules.url(&format!("/continue?request={}", found.id))));
    }
    let grant = Grant {
        client: wants.client.clone(),
        client_name: wants.client_name.clone(),
        client_source: wants.client_source,
        redirect_uri: wants.redirect_uri.clone(),
        user: person.id.clone(),
        scopes: given.scopes,
        elevated,
        elevated_until,
        resources: wants.resources.clone(),
        amr: current.session.amr.clone(),
        auth_time: current.session.auth_time,
        created: now,
        ends: now + (given.days * 86_400).min(rules.grant_max.as_secs()),
        refresh: None,
    };
    let secret = new_secret("mac");
    let code = Code { grant_id: new_id(), grant, challenge: wants.challenge.clone(), tries: 0, spent: false };
    let owners = code_owners(&code, rules);
    let mut changes = vec![
        server.db.remove::<Pending>(&found.id, When::Version(found.version)),
        server.db.put(&server.db.secrets().id_of(&secret), &code, owners, When::Absent),
    ];
    changes.extend(given.kept);
    if !server.db.apply(changes).await? {
        return Ok(next::over(server));
    }
    let event = Event::new("oauth/authorize").client(&wants.client).user(&person.id);
    server.record(&event.scopes(&code.grant.scopes).succeeded());
    Ok(respond::give(server, wants, &secret))
}
