//! Clients that register themselves (RFC 7591).
//!
//! Whoever likes can register, and says what it likes of itself; so a registration gives nothing but a name to be asked
//! about. Clients without a secret that say the same are one client: some register anew each time they connect.

use std::net::IpAddr;
use std::time::Duration;

use http::StatusCode;
use mcp_store::{Kind, When};
use serde_json::{Value, json};

use super::clients::{Clients, address};
use super::metadata::{Metadata, bad, describe};
use super::{AuthMethod, Client, ClientSource, redirect};
use crate::jwt::json::object;
use crate::server::error::OAuthError;
use crate::server::secrets::{new_id, new_secret};

/// The largest registration, in bytes.
pub(super) const MAX_BODY: usize = 16 * 1_024;
const REGISTRATIONS: Kind = Kind::from_static("registrations");
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Clients {
    /// Registers a client (section 3). `software_statement` and whatever else is not used here is ignored, as section 2 has it.
    ///
    /// # Errors
    /// `invalid_redirect_uri` and `invalid_client_metadata`; `slow_down` with status 429 when an address registers too many;
    /// and when there is no room for more.
    pub(crate) async fn register(&self, body: &[u8], peer: Option<IpAddr>) -> Result<(StatusCode, Value), OAuthError> {
        if !self.settings.registration {
            let error = OAuthError::new("access_denied", "clients do not register themselves here");
            return Err(OAuthError { status: StatusCode::FORBIDDEN, ..error });
        }
        let metadata = read(body)?;
        let asked = metadata.redirect_uris.clone();
        let (client, secrets) = self.known_or_new(metadata, peer).await?;
        let mut members = describe(&client);
        // The same program says another port each time; it is told its own.
        members.insert("redirect_uris".to_owned(), json!(asked));
        if let Some((secret, management)) = secrets {
            if let Some(secret) = secret {
                members.insert("client_secret".to_owned(), json!(secret));
                members.insert("client_secret_expires_at".to_owned(), json!(0));
            }
            members.insert("registration_access_token".to_owned(), json!(management));
            members.insert("registration_client_uri".to_owned(), json!(self.management_uri(&client.id)));
        }
        Ok((StatusCode::CREATED, Value::Object(members)))
    }

    /// Where a client is managed (RFC 7592).
    pub(super) fn management_uri(&self, id: &str) -> String {
        format!("{}/{id}", self.settings.registration_endpoint)
    }

    /// The client and, if it is confidential, its secret, if it has one, and the token that changes it.
    async fn known_or_new(
        &self,
        metadata: Metadata,
        peer: Option<IpAddr>,
    ) -> Result<(Client, Option<(Option<String>, String)>), OAuthError> {
        let public = metadata.auth_methods == [AuthMethod::None];
        let id = if public { self.public_id(&metadata) } else { format!("c_{}", new_id()) };
        if public && let Some(known) = self.kept(&id).await? {
            self.touch_unused(&id).await?;
            return Ok((known.value.client, None));
        }
        self.admit(peer).await?;
        let mut client = metadata.into_client(id, ClientSource::Registration, self.db.seconds());
        let secrets = (!public).then(|| (needs_secret(&client).then(|| new_secret("mcs")), new_secret("mcr")));
        if let Some((secret, management)) = &secrets {
            client.secret = secret.as_deref().map(|secret| self.db.secrets().id_of(secret));
            client.management = Some(self.db.secrets().id_of(management));
        }
        // If another registration of the same client was quicker, this is it.
        if self.keep(&self.unused(client.clone()), When::Absent).await? {
            self.room.take();
        }
        Ok((client, secrets))
    }

    /// Whether an address may have one more client.
    async fn admit(&self, peer: Option<IpAddr>) -> Result<(), OAuthError> {
        if self.db.count(REGISTRATIONS, &address(peer), HOUR).await? > self.settings.registrations_per_address {
            return Err(OAuthError::too_many());
        }
        if self.room.is_left(&self.db).await? {
            return Ok(());
        }
        tracing::warn!("there are too many registered clients; no other one is registered");
        Err(OAuthError::unavailable())
    }

    /// The id of all clients without a secret that say this of themselves. The port that a program listens on is left out:
    /// it is not compared, and it differs each time.
    fn public_id(&self, metadata: &Metadata) -> String {
        let mut uris: Vec<String> = metadata.redirect_uris.iter().map(|uri| redirect::comparable(uri)).collect();
        uris.sort_unstable();
        uris.dedup();
        let canonical = json!(["public client", metadata.name, metadata.uri, uris, metadata.grant_types]);
        format!("p_{}", &self.db.secrets().id_of(&canonical.to_string())[..40])
    }
}

/// Reads what a client says when it registers or changes itself.
///
/// # Errors
/// `invalid_redirect_uri` and `invalid_client_metadata`.
pub(super) fn read(body: &[u8]) -> Result<Metadata, OAuthError> {
    if body.len() > MAX_BODY {
        let error = bad("the registration is larger than 16 KiB");
        return Err(OAuthError { status: StatusCode::PAYLOAD_TOO_LARGE, ..error });
    }
    let members = object(body).map_err(|_| bad("the registration is no JSON object with each member once"))?;
    Metadata::read(&members, ClientSource::Registration)
}

/// Whether a client identifies itself by a secret.
pub(super) fn needs_secret(client: &Client) -> bool {
    client.auth_methods.iter().any(|method| matches!(method, AuthMethod::SecretBasic | AuthMethod::SecretPost))
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
