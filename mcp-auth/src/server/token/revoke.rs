//! Taking tokens back (RFC 7009).

use bytes::Bytes;
use http::StatusCode;
use mcp_store::{Time, When};

use super::endpoint::{form, refuse};
use super::introspect::read;
use super::refresh::Presented;
use crate::server::Inner;
use crate::server::db::Owners;
use crate::server::error::OAuthError;
use crate::server::grant::RevokedToken;
use crate::server::http::{self as answers, Answer, Asked};
use crate::server::record::Event;

/// Answers a request to revoke a token. What is not the client's stays, and is answered alike (section 2.2).
pub(crate) async fn answer(server: &Inner, asked: &Asked) -> Answer {
    match revoke(server, asked).await {
        Ok(()) => answers::text(StatusCode::OK, Bytes::new()),
        Err(error) => refuse(server, "oauth/revoke", &error),
    }
}

async fn revoke(server: &Inner, asked: &Asked) -> Result<(), OAuthError> {
    let form = form(asked)?;
    form.check_repeated(&[])?;
    let client = server.client_of("oauth/revoke", asked, &form).await?;
    let token = form.first("token").ok_or_else(|| OAuthError::invalid_request("`token` is missing"))?;
    let event = Event::new("oauth/revoke").client(&client.id);
    // What kind it is shows by itself; a hint could only be wrong.
    if let Some(presented) = Presented::parse(token) {
        let Some((found, _)) = presented.find(&server.db).await? else { return Ok(()) };
        if found.value.client == client.id {
            server.end_grant(presented.grant).await?;
            // Who was disconnected does not come back unasked, and is not on the page on which people take things back.
            server.forget_consent(&found.value.user, &client.id).await?;
            server.record(&event.user(&found.value.user).succeeded());
        } else {
            server.record(&event.denied("token of another client"));
        }
        return Ok(());
    }
    let Some(claims) = read(server, token).await? else { return Ok(()) };
    let text = |name: &str| claims.get(name).and_then(serde_json::Value::as_str);
    let (Some(jti), Some(expiry)) = (text("jti"), claims.get("exp").and_then(serde_json::Value::as_u64)) else { return Ok(()) };
    if text("client_id") != Some(client.id.as_str()) {
        server.record(&event.denied("token of another client"));
        return Ok(());
    }
    // A minute more than it lives, as long as verifiers let clocks differ.
    let expires = Time::from_millis(expiry.saturating_add(60) * 1_000);
    let owners = Owners { client: Some(client.id.clone()), expires: Some(expires), ..Owners::default() };
    server.db.apply(vec![server.db.put(jti, &RevokedToken {}, owners, When::Any)]).await?;
    server.revoked.add(jti, server.db.seconds(), server.rules.access_ttl.as_secs());
    server.record(&event.user(text("sub").unwrap_or_default()).succeeded());
    Ok(())
}
