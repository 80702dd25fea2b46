//! Refresh tokens: each is good once, and who did not get the answer may ask again.
//!
//! A token is `mrt1.<grant>.<generation>.<tag>`. The tag is made with the server's key and a salt that only the store
//! has, so neither a copy of the store nor the key alone makes one, and the successor of a token is the same however often
//! it is asked for: programs that share one token, and ones whose answer was lost, converge (RFC 9700, section 4.14.2).

use std::time::Duration;

use mcp_store::{Time, When};

use super::access::{self, Holder};
use super::endpoint::{narrowed_resources, tokens};
use crate::server::Inner;
use crate::server::client::GrantType;
use crate::server::db::{Db, Found};
use crate::server::error::OAuthError;
use crate::server::grant::{Grant, Refresh};
use crate::server::http::{Answer, Asked, Params};
use crate::server::record::Event;
use crate::server::rules::Rules;
use crate::server::secrets::{new_id, same};
use crate::server::user::{self, User};

/// How often it is tried again when others renew the same grant at the same time.
const MAX_TURNS: usize = 64;

fn refused() -> OAuthError {
    OAuthError::invalid_grant("the refresh token is unknown, has expired or was revoked, or is not this client's")
}

/// The state in which a grant begins.
pub(super) fn first(rules: &Rules, now: Time, ends: u64) -> Refresh {
    let idle_ends = (now.as_millis() / 1_000 + rules.refresh_idle.as_secs()).min(ends);
    Refresh { salt: new_id(), generation: 0, rotated: now.as_millis(), idle_ends }
}

/// The token of a grant's generation.
pub(super) fn token(db: &Db, grant: &str, generation: u64, salt: &str) -> String {
    format!("mrt1.{grant}.{generation}.{}", tag(db, grant, generation, salt))
}

fn tag(db: &Db, grant: &str, generation: u64, salt: &str) -> String {
    db.secrets().refresh_tag(format!("{grant}.{generation}.{salt}").as_bytes())
}

/// The parts of a token.
pub(super) struct Presented<'a> {
    pub(super) grant: &'a str,
    generation: u64,
    tag: &'a str,
}

impl<'a> Presented<'a> {
    /// Splits a token; `None` if it is none.
    pub(super) fn parse(token: &'a str) -> Option<Self> {
        let mut parts = token.strip_prefix("mrt1.")?.split('.');
        let (grant, generation, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let canonical = !generation.starts_with('+') && (generation == "0" || !generation.starts_with('0'));
        let parsed = Self { grant, generation: generation.parse().ok().filter(|_| canonical)?, tag };
        parts.next().is_none().then_some(parsed)
    }

    /// The grant that it is a token of.
    pub(super) async fn find(&self, db: &Db) -> Result<Option<(Found<Grant>, Refresh)>, mcp_store::StoreError> {
        let Some(found) = db.get::<Grant>(self.grant).await? else { return Ok(None) };
        let Some(refresh) = found.value.refresh.clone() else { return Ok(None) };
        let known = same(self.tag, &tag(db, self.grant, self.generation, &refresh.salt));
        Ok(known.then_some((found, refresh)))
    }
}

/// What a token is, by the state of its grant.
enum Turn {
    /// The newest, or one that was given out before the store was set back to an older state: nobody else can have made it.
    Next,
    /// The one before, by somebody who may not have got the answer.
    Again,
    /// An old one: two have it, and one of them should not.
    Reused,
}

/// Gives tokens for a refresh token.
pub(super) async fn renew(server: &Inner, asked: &Asked, form: &Params) -> Result<Answer, OAuthError> {
    let client = server.client_of("oauth/token", asked, form).await?;
    let presented = form.first("refresh_token").ok_or_else(|| OAuthError::invalid_request("`refresh_token` is missing"))?;
    let event = Event::new("oauth/refresh").client(&client.id);
    let Some(presented) = Presented::parse(presented) else {
        server.record(&event.denied("unknown refresh token"));
        return Err(refused());
    };
    if !client.may(GrantType::RefreshToken) {
        server.record(&event.denied("unauthorized_client"));
        return Err(OAuthError::new("unauthorized_client", "the client did not register for refresh tokens"));
    }
    for _ in 0..MAX_TURNS {
        let Some((found, refresh)) = presented.find(&server.db).await? else {
            server.record(&event.denied("unknown refresh token"));
            return Err(refused());
        };
        let event = event.clone().user(&found.value.user);
        if found.value.client != client.id {
            server.record(&event.denied("refresh token of another client"));
            return Err(refused());
        }
        let now = server.db.now();
        if now.as_millis() / 1_000 >= refresh.idle_ends.min(found.value.ends) {
            server.record(&event.denied("expired"));
            return Err(refused());
        }
        let turn = turn(&refresh, presented.generation, now, server.rules.grace);
        if matches!(turn, Turn::Reused) {
            server.end_grant(presented.grant).await?;
            server.record(&event.denied("refresh token used twice"));
            return Err(refused());
        }
        let wanted = wanted(server, form, &found.value).await;
        let (scopes, resources) = wanted.inspect_err(|error| server.record(&event.denied(error.code)))?;
        let Some(scopes) = still_allowed(server, &found.value, scopes).await? else {
            server.end_grant(presented.grant).await?;
            server.record(&event.denied("not admitted"));
            return Err(refused());
        };
        let mut grant = found.value.clone();
        let state = match turn {
            Turn::Next => {
                Refresh { generation: presented.generation + 1, ..first(&server.rules, now, grant.ends).with_salt(&refresh.salt) }
            }
            Turn::Again | Turn::Reused => refresh,
        };
        let seconds = now.as_millis() / 1_000;
        let made =
            access::make(&server.keys, &server.rules, seconds, Holder::Grant { id: presented.grant, grant: &grant }, scopes, &resources)
                .await?;
        if matches!(turn, Turn::Next) {
            grant.refresh = Some(state.clone());
            let owners = grant.owners(seconds + server.rules.access_ttl.as_secs());
            if !server.db.apply(vec![server.db.put(presented.grant, &grant, owners, When::Version(found.version))]).await? {
                continue;
            }
        }
        server.clients.touch(&client).await?;
        server.record(&event.scopes(&made.scopes).succeeded());
        return Ok(tokens(&made, Some(&token(&server.db, presented.grant, state.generation, &state.salt))));
    }
    Err(OAuthError::unavailable())
}

fn turn(refresh: &Refresh, generation: u64, now: Time, grace: Duration) -> Turn {
    let within = now <= Time::from_millis(refresh.rotated) + grace;
    match refresh.generation.checked_sub(generation) {
        None | Some(0) => Turn::Next,
        Some(1) if within => Turn::Again,
        Some(_) => Turn::Reused,
    }
}

impl Refresh {
    fn with_salt(self, salt: &str) -> Self {
        Self { salt: salt.to_owned(), ..self }
    }
}

/// The scopes and resources that are asked for, which can only be less than was granted (RFC 6749, section 6).
async fn wanted(server: &Inner, form: &Params, grant: &Grant) -> Result<(std::collections::BTreeSet<String>, Vec<String>), OAuthError> {
    let resources = narrowed_resources(server, form, &grant.resources)?;
    let held = grant.scopes_at(server.db.seconds());
    let Some(asked) = form.first("scope") else { return Ok((held, resources)) };
    // What there is not is nobody's to widen.
    let known: Vec<&str> = asked.split(' ').filter(|scope| server.rules.scopes.contains(*scope)).collect();
    if known.iter().any(|scope| !grant.scopes.contains(*scope)) {
        return Err(OAuthError::new("invalid_scope", "a scope was not granted; authorize again to ask for it"));
    }
    let narrowed: std::collections::BTreeSet<String> = held.iter().filter(|scope| known.contains(&scope.as_str())).cloned().collect();
    Ok((if known.is_empty() { held } else { narrowed }, resources))
}

/// What of the scopes the person may still give; `None` if it is locked out.
async fn still_allowed(
    server: &Inner,
    grant: &Grant,
    scopes: std::collections::BTreeSet<String>,
) -> Result<Option<std::collections::BTreeSet<String>>, OAuthError> {
    let Some(user) = server.db.get::<User>(&grant.user).await?.filter(|user| !user.value.disabled) else { return Ok(None) };
    let Ok(allowed) = user::allowed(&server.policy, &scopes, &user.value) else { return Ok(None) };
    Ok(Some(scopes.into_iter().filter(|scope| allowed.scopes.contains(scope)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_here_is_a_token() {
        for (token, parts) in [
            ("mrt1.g.0.t", Some(("g", 0, "t"))),
            ("mrt1.g.17.t", Some(("g", 17, "t"))),
            ("mrt1.g.+1.t", None),
            ("mrt1.g.01.t", None),
            ("mrt1.g.-1.t", None),
            ("mrt1.g.99999999999999999999.t", None),
            ("mrt1.g.1", None),
            ("mrt1.g.1.t.u", None),
            ("mrt2.g.1.t", None),
            ("", None),
        ] {
            assert_eq!(Presented::parse(token).map(|found| (found.grant, found.generation, found.tag)), parts, "{token}");
        }
    }

    #[test]
    fn the_last_token_is_good_for_a_while_and_older_ones_are_not() {
        let state = Refresh { salt: String::new(), generation: 5, rotated: 1_000_000, idle_ends: u64::MAX };
        let of = |generation, millis| match turn(&state, generation, Time::from_millis(millis), Duration::from_secs(60)) {
            Turn::Next => "next",
            Turn::Again => "again",
            Turn::Reused => "reused",
        };
        for (generation, millis, what) in [
            (5, 1_000_000, "next"),
            (9, 9_000_000, "next"),
            (4, 1_060_000, "again"),
            (4, 1_060_001, "reused"),
            (3, 1_000_000, "reused"),
            (0, 1_000_000, "reused"),
        ] {
            assert_eq!(of(generation, millis), what, "{generation} at {millis}");
        }
    }
}
