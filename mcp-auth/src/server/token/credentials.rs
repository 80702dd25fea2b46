//! Tokens for clients that act for themselves (RFC 6749, section 4.4).

use std::collections::BTreeSet;

use super::access::{self, Holder};
use super::endpoint::{narrowed_resources, tokens};
use crate::server::Inner;
use crate::server::client::{ClientSource, GrantType};
use crate::server::error::OAuthError;
use crate::server::http::{Answer, Asked, Params};
use crate::server::record::Event;

/// Gives a client that the operator made a token of its own. There is no refresh token: it can ask again.
pub(super) async fn issue(server: &Inner, asked: &Asked, form: &Params) -> Result<Answer, OAuthError> {
    let client = server.client_of("oauth/token", asked, form).await?;
    let event = Event::new("oauth/token").client(&client.id);
    let own = client.scopes.as_ref().filter(|_| client.source == ClientSource::Operator && client.is_confidential());
    let Some(own) = own.filter(|_| client.may(GrantType::ClientCredentials)) else {
        server.record(&event.denied("client credentials"));
        return Err(OAuthError::new("unauthorized_client", "the client may not act for itself; the operator has to make one that may"));
    };
    let all: Vec<String> = server.rules.resources.iter().map(|served| served.canonical.clone()).collect();
    // Who does not say means the first.
    let open = if form.first("resource").is_some() { &all[..] } else { &all[..all.len().min(1)] };
    let resources = narrowed_resources(server, form, open)?;
    let asked: Option<Vec<&str>> =
        form.first("scope").map(|list| list.split(' ').filter(|scope| server.rules.scopes.contains(*scope)).collect());
    let scopes: BTreeSet<String> = match asked {
        Some(asked) if !asked.is_empty() => own.iter().filter(|scope| asked.contains(&scope.as_str())).cloned().collect(),
        _ => own.clone(),
    };
    if scopes.is_empty() && !own.is_empty() {
        server.record(&event.denied("invalid_scope"));
        return Err(OAuthError::new("invalid_scope", "the client has none of these scopes; leave `scope` out for all it has"));
    }
    let now = server.db.seconds();
    let made = access::make(&server.keys, &server.rules, now, Holder::Client(&client), scopes, &resources).await?;
    server.record(&event.scopes(&made.scopes).succeeded());
    Ok(tokens(&made, None))
}
