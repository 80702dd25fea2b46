//! Clients that change their registration (RFC 7592).
//!
//! Only those that got a token for it can. A secret is kept as a hash, so what is read back later is without it.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{ALLOW, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use mcp_store::When;
use serde_json::{Value, json};

use super::clients::{Clients, Kept};
use super::metadata::{bad, describe};
use super::registration::{needs_secret, read};
use super::{AuthMethod, Client, ClientSource};
use crate::jwt::json::object;
use crate::server::db::Found;
use crate::server::error::OAuthError;
use crate::server::http::{Answer, Asked, json as json_answer, no_content};
use crate::server::secrets::{new_secret, same};

impl Clients {
    /// Answers a request to the management URI of a client: `GET` reads, `PUT` changes and gives another token, `DELETE`
    /// removes the client and all that was given to it.
    pub(crate) async fn manage(&self, id: &str, asked: &Asked) -> Answer {
        match self.managed(id, asked).await {
            Ok(answer) => answer,
            Err(error) => {
                let mut answer = error.answer();
                let header = match error.status {
                    StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")),
                    StatusCode::METHOD_NOT_ALLOWED => Some((ALLOW, "GET, PUT, DELETE")),
                    _ => None,
                };
                if let Some((name, value)) = header {
                    answer.headers_mut().insert(name, HeaderValue::from_static(value));
                }
                answer
            }
        }
    }

    async fn managed(&self, id: &str, asked: &Asked) -> Result<Answer, OAuthError> {
        let token = bearer(asked).ok_or_else(unauthorized)?;
        let found = self.manager(id, token, asked.peer).await?;
        match asked.method {
            Method::GET => Ok(json_answer(StatusCode::OK, &self.tell(&found.value.client, token))),
            Method::PUT => self.change(found, &asked.body).await,
            Method::DELETE => {
                self.remove(id).await?;
                Ok(no_content())
            }
            _ => {
                let error = OAuthError::invalid_request("a registration is read with GET, changed with PUT and removed with DELETE");
                Err(OAuthError { status: StatusCode::METHOD_NOT_ALLOWED, ..error })
            }
        }
    }

    /// The client that the token changes. Whether there is none or the token is wrong is nobody's business.
    async fn manager(&self, id: &str, token: &str, peer: Option<IpAddr>) -> Result<Found<Kept>, OAuthError> {
        self.check_failures(id, peer).await?;
        let hash = self.db.secrets().id_of(token);
        let found = self.kept(id).await?;
        let own = |found: &Found<Kept>| found.value.client.management.as_deref().is_some_and(|kept| same(kept, &hash));
        match found.filter(own) {
            Some(found) => Ok(found),
            None => {
                self.count_failure(id, peer).await?;
                Err(unauthorized())
            }
        }
    }

    async fn change(&self, found: Found<Kept>, body: &Bytes) -> Result<Answer, OAuthError> {
        let metadata = read(body)?;
        self.check_identity(&found.value.client, body)?;
        if metadata.auth_methods.contains(&AuthMethod::None) {
            return Err(bad("a client that identifies itself does not stop to"));
        }
        let before = found.value.client;
        let mut client = metadata.into_client(before.id, ClientSource::Registration, before.created);
        let (mut secret, token) = (None, new_secret("mcr"));
        if needs_secret(&client) {
            client.secret = before.secret.or_else(|| {
                let fresh = secret.insert(new_secret("mcs"));
                Some(self.db.secrets().id_of(fresh))
            });
        }
        client.management = Some(self.db.secrets().id_of(&token));
        let mut members = self.tell(&client, &token);
        if let Some(secret) = secret {
            members["client_secret"] = json!(secret);
            members["client_secret_expires_at"] = json!(0);
        }
        // Of two changes at once one is made; the token of the other is that of before.
        let kept = Kept { client, expires: found.value.expires };
        if !self.keep(&kept, When::Version(found.version)).await? {
            return Err(unauthorized());
        }
        Ok(json_answer(StatusCode::OK, &members))
    }

    /// Whether a change is of this client: it says its id, and its secret only as it is (section 2.2).
    fn check_identity(&self, client: &Client, body: &Bytes) -> Result<(), OAuthError> {
        let members = object(body).unwrap_or_default();
        if members.get("client_id").and_then(Value::as_str) != Some(&client.id) {
            return Err(bad("`client_id` is not that of the client"));
        }
        let Some(secret) = members.get("client_secret") else { return Ok(()) };
        let hash = secret.as_str().map(|secret| self.db.secrets().id_of(secret));
        let own = hash.zip(client.secret.as_ref()).is_some_and(|(hash, kept)| same(&hash, kept));
        if own { Ok(()) } else { Err(bad("`client_secret` is not that of the client, and clients do not choose theirs")) }
    }

    fn tell(&self, client: &Client, token: &str) -> Value {
        let mut members = describe(client);
        members.insert("registration_access_token".to_owned(), json!(token));
        members.insert("registration_client_uri".to_owned(), json!(self.management_uri(&client.id)));
        Value::Object(members)
    }
}

fn unauthorized() -> OAuthError {
    let error = OAuthError::new("invalid_token", "the registration access token is not that of a client here");
    OAuthError { status: StatusCode::UNAUTHORIZED, ..error }
}

fn bearer(asked: &Asked) -> Option<&str> {
    let (scheme, token) = asked.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

#[cfg(test)]
#[path = "manage_tests.rs"]
mod tests;
