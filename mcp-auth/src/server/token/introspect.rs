//! Looking into tokens (RFC 7662).

use http::StatusCode;
use mcp_store::StoreError;
use serde_json::{Map, Value, json};

use super::access::GRANT_CLAIM;
use super::endpoint::form;
use crate::server::Inner;
use crate::server::client::{Client, ClientSource};
use crate::server::error::OAuthError;
use crate::server::grant::{Grant, RevokedToken};
use crate::server::http::{self as answers, Answer, Asked};
use crate::server::record::Event;

/// Answers what a token says, to whom it concerns: its own client, or a resource server that the operator made a client.
pub(crate) async fn answer(server: &Inner, asked: &Asked) -> Answer {
    introspect(server, asked).await.unwrap_or_else(|error| error.answer())
}

async fn introspect(server: &Inner, asked: &Asked) -> Result<Answer, OAuthError> {
    let form = form(asked)?;
    form.check_repeated(&[])?;
    let client = server.client_of("oauth/introspect", asked, &form).await?;
    let event = Event::new("oauth/introspect").client(&client.id);
    if !client.is_confidential() {
        server.record(&event.denied("invalid_client"));
        // Anybody can say to be a public client (section 2.1).
        return Err(OAuthError::invalid_client(false));
    }
    let token = form.first("token").ok_or_else(|| OAuthError::invalid_request("`token` is missing"))?;
    let claims = read(server, token).await?;
    let own = claims.as_ref().is_none_or(|claims| concerns(&client, claims));
    if !own {
        server.record(&event.denied("token of another client"));
    }
    let answer = match claims.filter(|_| own) {
        Some(mut claims) => {
            claims.insert("active".to_owned(), json!(true));
            claims.insert("token_type".to_owned(), json!("Bearer"));
            Value::Object(claims)
        }
        None => json!({"active": false}),
    };
    Ok(answers::json(StatusCode::OK, &answer))
}

fn concerns(client: &Client, claims: &Map<String, Value>) -> bool {
    client.source == ClientSource::Operator || claims.get("client_id") == Some(&json!(client.id))
}

/// What an access token of this server's says, if it is still good.
pub(super) async fn read(server: &Inner, token: &str) -> Result<Option<Map<String, Value>>, StoreError> {
    let Some(claims) = server.own_claims(token).await? else { return Ok(None) };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if let Some(jti) = text("jti")
        && server.db.get::<RevokedToken>(jti).await?.is_some()
    {
        return Ok(None);
    }
    let alive = match text(GRANT_CLAIM) {
        Some(grant) => server.db.get::<Grant>(grant).await?.is_some(),
        None => server.db.get::<Client>(text("client_id").unwrap_or_default()).await?.is_some(),
    };
    Ok(alive.then_some(claims))
}
