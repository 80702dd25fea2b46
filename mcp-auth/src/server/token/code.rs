//! Codes become grants, once (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use mcp_store::{Time, When};

use super::access::{self, Holder};
use super::endpoint::{narrowed_resources, tokens};
use super::{pkce, refresh};
use crate::server::Inner;
use crate::server::client::GrantType;
use crate::server::db::{Found, Owners};
use crate::server::error::OAuthError;
use crate::server::grant::{Code, Grant};
use crate::server::http::{Answer, Asked, Params};
use crate::server::record::Event;
use crate::server::rules::Rules;

/// How often a wrong verifier may come with a code.
const MAX_TRIES: u8 = 3;

fn refused() -> OAuthError {
    OAuthError::invalid_grant("the code is unknown, has expired or was used, or is not this client's")
}

/// Gives tokens for a code.
pub(super) async fn exchange(server: &Inner, asked: &Asked, form: &Params) -> Result<Answer, OAuthError> {
    let client = server.client_of("oauth/token", asked, form).await?;
    let code = form.first("code").ok_or_else(|| OAuthError::invalid_request("`code` is missing"))?;
    let id = server.db.secrets().id_of(code);
    let event = Event::new("oauth/token").client(&client.id);
    let now = server.db.seconds();
    let found = server.db.get::<Code>(&id).await?.filter(|found| found.value.spent || now < ends(&found.value, &server.rules));
    let Some(found) = found else {
        server.record(&event.denied("unknown code"));
        return Err(refused());
    };
    let user = found.value.grant.user.clone();
    let event = event.user(&user);
    // Whoever else has it learns nothing and changes nothing.
    if found.value.grant.client != client.id {
        server.record(&event.denied("code of another client"));
        return Err(refused());
    }
    if found.value.spent {
        return Err(replayed(server, &found.value, &event).await?);
    }
    if !client.may(GrantType::AuthorizationCode) {
        server.record(&event.denied("unauthorized_client"));
        return Err(OAuthError::new("unauthorized_client", "the client did not register for codes"));
    }
    if form.first("redirect_uri").is_some_and(|uri| uri != found.value.grant.redirect_uri) {
        server.record(&event.denied("another redirect"));
        return Err(OAuthError::invalid_grant("`redirect_uri` is not the one that the code was sent to"));
    }
    let verifier = form.first("code_verifier");
    if !verifier.is_some_and(|verifier| pkce::verifies(&found.value.challenge, verifier)) {
        server.record(&event.denied("wrong verifier"));
        note_try(server, &found).await?;
        return Err(OAuthError::invalid_grant("`code_verifier` is not what the challenge was made of"));
    }
    let resources = narrowed_resources(server, form, &found.value.grant.resources);
    let resources = resources.inspect_err(|error| server.record(&event.denied(error.code)))?;
    take_up(server, &id, found, &event, &client, &resources).await
}

/// Makes the grant of a code, all at once or not at all, and gives its first tokens.
async fn take_up(
    server: &Inner,
    id: &str,
    found: Found<Code>,
    event: &Event<'_>,
    client: &crate::server::client::Client,
    resources: &[String],
) -> Result<Answer, OAuthError> {
    let now = server.db.seconds();
    let Code { grant_id, mut grant, challenge, tries, .. } = found.value.clone();
    grant.refresh = client.may(GrantType::RefreshToken).then(|| refresh::first(&server.rules, server.db.now(), grant.ends));
    let made =
        access::make(&server.keys, &server.rules, now, Holder::Grant { id: &grant_id, grant: &grant }, grant.scopes_at(now), resources)
            .await?;
    let token_ends = now + server.rules.access_ttl.as_secs();
    let spent = Code { grant_id: grant_id.clone(), grant: grant.clone(), challenge, tries, spent: true };
    let changes = vec![
        server.db.put(id, &spent, code_owners(&spent, &server.rules), When::Version(found.version)),
        server.db.put(&grant_id, &grant, grant.owners(token_ends), When::Absent),
    ];
    if !server.db.apply(changes).await? {
        // Somebody else was quicker with the same code.
        return Err(replayed(server, &spent, event).await?);
    }
    server.clients.touch(client).await?;
    server.record(&event.clone().scopes(&made.scopes).succeeded());
    let token = grant.refresh.as_ref().map(|state| refresh::token(&server.db, &grant_id, state.generation, &state.salt));
    Ok(tokens(&made, token.as_deref()))
}

/// A code that comes again was stolen before or after it was used: nothing that came of it is good any more.
async fn replayed(server: &Inner, code: &Code, event: &Event<'_>) -> Result<OAuthError, OAuthError> {
    server.end_grant(&code.grant_id).await?;
    server.record(&event.denied("code used twice"));
    Ok(refused())
}

/// Counts a wrong verifier; the code does not survive many.
async fn note_try(server: &Inner, found: &Found<Code>) -> Result<(), OAuthError> {
    let code = Code { tries: found.value.tries + 1, ..found.value.clone() };
    let when = When::Version(found.version);
    let change = if code.tries >= MAX_TRIES {
        server.db.remove::<Code>(&found.id, when)
    } else {
        server.db.put(&found.id, &code, code_owners(&code, &server.rules), when)
    };
    // If somebody else changed it meanwhile, that counts as well.
    server.db.apply(vec![change]).await?;
    Ok(())
}

/// When a code ends that nobody has used, in seconds since 1970.
fn ends(code: &Code, rules: &Rules) -> u64 {
    code.grant.created + rules.code_ttl.as_secs()
}

/// Whom a code belongs to, and how long it is kept: for as long as there can be tokens that it was used for.
pub(crate) fn code_owners(code: &Code, rules: &Rules) -> Owners {
    Owners {
        subject: Some(code.grant.user.clone()),
        grant: Some(code.grant_id.clone()),
        client: Some(code.grant.client.clone()),
        expires: Some(Time::from_millis((ends(code, rules) + rules.access_ttl.as_secs()) * 1_000)),
    }
}

impl Inner {
    /// Ends a grant: its tokens are not taken any more, here at once and elsewhere as soon as they are looked up again.
    pub(crate) async fn end_grant(&self, id: &str) -> Result<(), mcp_store::StoreError> {
        self.db.apply(vec![self.db.remove::<Grant>(id, When::Any)]).await?;
        self.revoked.add(id, self.db.seconds(), self.rules.access_ttl.as_secs());
        Ok(())
    }
}
