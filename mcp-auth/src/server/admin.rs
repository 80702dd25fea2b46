//! What the operator does: clients, people and keys.

use std::collections::BTreeSet;
use std::fmt;

use mcp_store::{Index, Key, Page, StoreError, When};

use super::AuthServer;
use super::client::{AuthMethod, ClientSource, GrantType, NewClient};
use super::db::Row;
use super::error::OAuthError;
use super::grant::Grant;
use super::session::Session;
use super::user::User;

/// How many clients or people there are in one part of a list.
const PAGE: usize = 1_000;

/// Why something could not be done, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminError(String);

impl fmt::Display for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AdminError {}

impl From<OAuthError> for AdminError {
    fn from(error: OAuthError) -> Self {
        Self(error.description.into_owned())
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// A client to be made by the operator.
#[derive(Clone, Debug, Default)]
pub struct ClientToAdd {
    /// What people are shown.
    pub name: String,
    /// Where it may be led back to; none for a client that never acts for a person.
    pub redirect_uris: Vec<String>,
    /// Whether it keeps no secret.
    pub public: bool,
    /// What it may do itself, by `client_credentials`.
    pub scopes: Option<BTreeSet<String>>,
    /// Its public keys as a JWK set: it then identifies itself with assertions (`private_key_jwt`) and has no secret.
    pub jwks: Option<serde_json::Value>,
}

/// A client that was made. The secret is not told again.
#[derive(Clone)]
pub struct AddedClient {
    /// Its `client_id`.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<String>,
}

impl fmt::Debug for AddedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddedClient").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A client as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientSummary {
    /// Its `client_id`.
    pub id: String,
    /// What people are shown.
    pub name: String,
    /// How it became known: `operator`, `registration` or `document`.
    pub source: &'static str,
    /// Where it may be led back to.
    pub redirect_uris: Vec<String>,
    /// Whether it acts for itself.
    pub acts_for_itself: bool,
}

/// A person as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSummary {
    /// Its subject in tokens.
    pub id: String,
    /// Who vouches for it.
    pub issuer: String,
    /// Its name there.
    pub subject: String,
    /// Its verified address.
    pub email: Option<String>,
    /// Whether it is locked out.
    pub locked: bool,
    /// How many clients act for it.
    pub grants: u64,
}

impl AuthServer {
    /// Makes a client.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub async fn add_client(&self, client: ClientToAdd) -> Result<AddedClient, AdminError> {
        let auth_method = match (&client.jwks, client.public) {
            (Some(_), _) => AuthMethod::PrivateKeyJwt,
            (None, true) => AuthMethod::None,
            (None, false) => AuthMethod::SecretBasic,
        };
        let unknown = client.scopes.iter().flatten().find(|scope| !self.0.rules.scopes.contains(*scope));
        if let Some(unknown) = unknown {
            return Err(AdminError(format!("nothing here asks for the scope `{unknown}`; scopes are separated by spaces")));
        }
        let new = NewClient {
            name: client.name,
            redirect_uris: client.redirect_uris,
            auth_method,
            jwks: client.jwks,
            jwks_uri: None,
            assertion_alg: None,
            scopes: client.scopes,
        };
        let (id, secret) = self.0.clients.add_operator_client(new).await?;
        Ok(AddedClient { id, secret })
    }

    /// All clients that are known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clients(&self) -> Result<Vec<ClientSummary>, AdminError> {
        let mut all: Vec<ClientSummary> = Vec::new();
        loop {
            let page = self.clients_after(all.last().map(|client| client.id.as_str())).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// The first thousand clients by their ids, or the next thousand after one; none after the last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clients_after(&self, id: Option<&str>) -> Result<Vec<ClientSummary>, AdminError> {
        let clients = self.0.clients.list(id, PAGE).await?;
        let summary = |client: super::client::Client| ClientSummary {
            source: match client.source {
                ClientSource::Operator => "operator",
                ClientSource::Document => "document",
                ClientSource::Registration => "registration",
            },
            acts_for_itself: client.may(GrantType::ClientCredentials),
            id: client.id,
            name: client.name,
            redirect_uris: client.redirect_uris,
        };
        Ok(clients.into_iter().map(summary).collect())
    }

    /// Removes a client and everything it was given; `false` if there was none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_client(&self, id: &str) -> Result<bool, AdminError> {
        loop {
            let grants = self.0.db.list::<Grant>(Index::Client(id, Some(Grant::KIND)), PAGE).await?;
            if grants.is_empty() {
                return Ok(self.0.clients.remove(id).await?);
            }
            for grant in grants {
                self.0.end_grant(&grant.id).await?;
            }
        }
    }

    /// All people who have signed in.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn users(&self) -> Result<Vec<UserSummary>, AdminError> {
        let mut all: Vec<UserSummary> = Vec::new();
        loop {
            let page = self.users_after(all.last().map(|user| user.id.as_str())).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// The first thousand people by their ids, or the next thousand after one; none after the last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn users_after(&self, id: Option<&str>) -> Result<Vec<UserSummary>, AdminError> {
        let page = Page { after: id.map(|id| Key::new(User::KIND, id)), limit: PAGE };
        let users = self.0.db.page::<User>(Index::Kind(User::KIND), page).await?;
        let mut summaries = Vec::with_capacity(users.len());
        for found in users {
            let grants = self.0.db.size(Index::Subject(&found.id, Some(Grant::KIND)), u64::MAX).await?;
            let User { issuer, subject, email, disabled, .. } = found.value;
            summaries.push(UserSummary { id: found.id, issuer, subject, email, locked: disabled, grants });
        }
        Ok(summaries)
    }

    /// Locks a person out or lets it in again; `false` if it is not known. Locking ends its sessions and everything it gave.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lock_user(&self, id: &str, locked: bool) -> Result<bool, AdminError> {
        loop {
            let Some(found) = self.0.db.get::<User>(id).await? else { return Ok(false) };
            let user = User { disabled: locked, ..found.value };
            let owners = super::db::Owners { subject: Some(id.to_owned()), ..super::db::Owners::default() };
            if self.0.db.apply(vec![self.0.db.put(id, &user, owners, When::Version(found.version))]).await? {
                break;
            }
        }
        if locked {
            self.end_all_of(id).await?;
        }
        Ok(true)
    }

    /// Ends the sessions of a person and everything it gave; `false` if it is not known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_all_of(&self, id: &str) -> Result<bool, AdminError> {
        if self.0.db.get::<User>(id).await?.is_none() {
            return Ok(false);
        }
        self.0.end_all_of(id).await?;
        self.0.db.purge(Index::Subject(id, Some(Session::KIND))).await?;
        Ok(true)
    }

    /// Takes a person's second factor away, so that it can set up another; `false` if the person is not known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reset_factor(&self, id: &str) -> Result<bool, AdminError> {
        if self.0.db.get::<User>(id).await?.is_none() {
            return Ok(false);
        }
        self.0.factors.reset(id).await?;
        Ok(true)
    }

    /// Makes a new signing key, which signs in ten minutes, or at once: then no token that was signed before is taken, here within ten
    /// minutes. Answers its name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rotate_key(&self, at_once: bool) -> Result<String, AdminError> {
        Ok(self.0.keys.rotate(at_once).await?)
    }
}
