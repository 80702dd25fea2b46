//! The embedded OAuth 2.1 authorization server.
//!
//! One process and one SQLite file let people sign in, decide which clients may act for them and with which of the real
//! tools, and take it back. [`AuthServer`] is a [`Site`](crate::Site) for its pages and endpoints, and a [`VerifyToken`] for the
//! tokens it issues.

mod admin;
mod agents;
mod builder;
mod catalog;
mod client;
mod db;
mod error;
mod factor;
mod flow;
mod forms;
mod grant;
mod http;
mod keys;
mod login;
mod metadata;
mod notice;
mod pages;
mod record;
mod revoked;
mod routes;
mod rules;
mod secrets;
mod session;
mod taken_back;
mod token;
mod usage;
mod user;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mcp_core::{Audit, Principal};

pub use self::http::Params;
pub use admin::{AddedClient, AdminError, ClientSummary, ClientToAdd, UserSummary};
pub use builder::{AuthServerBuilder, CannotStart};
pub use catalog::Catalog;
#[cfg(feature = "developer-login")]
pub use login::{Developer, DeveloperLogin};
pub use login::{
    GithubUpstream, Identity, LogMailer, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep, LoginView, MagicLink,
    Mail, MailError, Mailer, MemoryMailer, NotAMailServer, OidcUpstream, Smtp, Upstream,
};
pub use pages::{Brand, NotABrand};
pub use secrets::{MasterKey, NotAMasterKey};

use self::client::Clients;
use self::db::Db;
use self::factor::Factors;
use self::keys::Keys;
use self::record::Records;
use self::revoked::Revoked;
use self::rules::Rules;
use self::session::Sessions;
use self::token::{GRANT_CLAIM, Issued};
use self::usage::Usage;
use crate::{AuthError, Bearer, Cached, Clock, Policy, Resource, VerifyToken};

/// An OAuth 2.1 authorization server in this process. Cheap to clone.
#[derive(Clone)]
pub struct AuthServer(Arc<Inner>);

/// Everything that requests share.
pub(crate) struct Inner {
    pub(crate) rules: Rules,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) clients: Clients,
    pub(crate) sessions: Sessions,
    pub(crate) factors: Factors,
    pub(crate) methods: Vec<Arc<dyn LoginMethod>>,
    pub(crate) policy: Policy,
    pub(crate) catalog: Catalog,
    pub(crate) brand: Brand,
    pub(crate) records: Arc<Records>,
    pub(crate) usage: Arc<Usage>,
    pub(crate) revoked: Revoked,
    /// Who takes mails to people, if anybody does.
    pub(crate) notices: Option<Arc<dyn Mailer>>,
    issued: Cached<Issued>,
}

impl fmt::Debug for AuthServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthServer").field("issuer", &self.0.rules.issuer).finish_non_exhaustive()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner")
    }
}

/// How many times in a row a thousand records are deleted.
const MAX_SWEEPS: usize = 1_000;

impl AuthServer {
    /// Sets a server up whose issuer is `public_url`: the URL by which clients and people reach it, without a path.
    pub fn builder(public_url: impl Into<String>) -> AuthServerBuilder {
        AuthServerBuilder::new(public_url.into())
    }

    /// Reads the signing keys, or makes the first one. To be called before anything is served or administered: with another key than the
    /// store was written with nobody could use a token, and what is written meanwhile could not be read later.
    ///
    /// # Errors
    /// When the store was written with another key, or fails.
    pub async fn ready(&self) -> Result<(), CannotStart> {
        self.0.keys.published().await.map(drop).map_err(|error| CannotStart::by_store(&error))
    }

    /// The scope that stands for a second factor, to be asked for where an item needs one.
    pub fn second_factor_scope(&self) -> &str {
        &self.0.rules.second_factor_scope
    }

    /// The scopes to ask for at first: those that need no second factor.
    pub fn baseline_scopes(&self) -> Vec<String> {
        self.0.rules.baseline.iter().cloned().collect()
    }

    /// What the buttons of those ways to sign in say that are for development on this machine only.
    pub fn for_development(&self) -> Vec<String> {
        self.0.methods.iter().filter(|method| method.loopback_only()).map(|method| method.label()).collect()
    }

    /// Counts how clients are used, for the page on which people see it. To be handed what is recorded of calls.
    pub fn usage(&self) -> Arc<dyn Audit> {
        Arc::clone(&self.0.usage) as Arc<dyn Audit>
    }

    /// Writes down what was counted and deletes what has expired. To be called every minute or so.
    pub async fn tidy_up(&self) {
        let server = &self.0;
        let tidied = async {
            server.usage.flush(&server.db).await?;
            // A part at a time, so that nobody waits for long, and on until nothing is left.
            for _ in 0..MAX_SWEEPS {
                if server.db.sweep().await? == 0 {
                    break;
                }
            }
            Ok::<_, mcp_store::StoreError>(())
        };
        if let Err(error) = tidied.await {
            tracing::warn!(%error, "the authorization server could not tidy up");
        }
    }
}

#[async_trait]
impl VerifyToken for AuthServer {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        const ENDED: AuthError = AuthError::invalid("what the token was issued for has ended");
        let principal = self.0.issued.verify(token, resource).await?;
        let claim = |name: &str| principal.claim(name).and_then(serde_json::Value::as_str);
        let ended = [claim(GRANT_CLAIM), claim("jti"), principal.client()].into_iter().flatten().any(|name| self.0.revoked.contains(name));
        if ended { Err(ENDED) } else { Ok(principal) }
    }

    fn issuers(&self) -> Vec<String> {
        vec![self.0.rules.issuer.clone()]
    }
}
