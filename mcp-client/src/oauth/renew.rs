//! Renewing tokens: once, however many calls and processes want it (OAuth 2.1, section 4.3).

use std::sync::Arc;

use url::Url;

use super::dpop::Proofs;
use super::error::{OAuthError, Result};
use super::login::Login;
use super::session::Session;
use super::store::{self, Guard};
use super::token::{self, Grant, Tokens};
use super::{OAuth, Way};

impl OAuth {
    /// Renews tokens that have expired. Afterwards there are none if the authorization server gave none.
    ///
    /// # Errors
    /// When the authorization server cannot be asked, or the store does not work. Nothing is given up then.
    pub(crate) async fn renew(&self, session: &mut Session, server: &str) -> Result<()> {
        let guard = self.store.lock(server).await?;
        let logins = self.store.load(server).await?;
        let stored = self.latest(&logins);
        if stored.as_ref().and_then(|login| login.tokens.as_ref()).is_some_and(|tokens| !tokens.has_expired()) {
            // Another process has renewed them.
            return session.adopt(stored);
        }
        let Some(login) = stored else { return session.adopt(None) };
        match self.refreshed(&guard, &login).await? {
            Some(login) => session.adopt(Some(login)),
            None => session.adopt(self.latest(&self.store.load(server).await?)),
        }
    }

    /// A login with new tokens, which are kept already; `None` when it takes a new sign-in.
    ///
    /// # Errors
    /// As [`OAuth::renew`].
    pub(crate) async fn refreshed(&self, guard: &Guard, login: &Login) -> Result<Option<Login>> {
        let proofs = login.proofs()?;
        let answer = match (&self.way, login.tokens.as_ref().and_then(|tokens| tokens.refresh.as_deref())) {
            // It needs nobody for a new token, so nothing is gained by keeping one to renew it with.
            (Way::Program(program), _) => {
                let assertion = self.assertion(&login.client, &login.issuer).await?;
                program.ask(&*self.fetch, login, assertion, proofs.as_deref()).await
            }
            (Way::Person(_), Some(refresh)) => self.refresh(login, refresh, proofs.as_deref()).await,
            (Way::Person(_), None) => return self.give_up(guard, login).await.map(|()| None),
        };
        match answer {
            Ok(tokens) => {
                let login = Login { tokens: Some(tokens), ..login.clone() };
                store::put(&*self.store, guard, &login).await?;
                Ok(Some(login))
            }
            Err(error) if error.is("invalid_client") && login.client.dynamic => {
                tracing::info!(issuer = login.issuer, "the authorization server no longer knows this client");
                self.forget(guard, login).await.map(|()| None)
            }
            Err(error @ OAuthError::Refused { .. }) if matches!(self.way, Way::Person(_)) => {
                tracing::info!(issuer = login.issuer, %error, "the login cannot be renewed");
                self.give_up(guard, login).await.map(|()| None)
            }
            Err(error) => Err(error),
        }
    }

    async fn refresh(&self, login: &Login, refresh: &str, proofs: Option<&Proofs>) -> Result<Tokens> {
        let before = login.tokens.as_ref();
        let endpoint = login.token_endpoint()?;
        let form =
            vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh.to_owned()), ("resource", login.resource.clone())];
        let scopes = before.map(|tokens| tokens.scopes.clone()).unwrap_or_default();
        let assertion = self.assertion(&login.client, &login.issuer).await?;
        let grant = Grant { endpoint: &endpoint, reach: login.reach, client: &login.client, assertion, proofs, form, scopes };
        let mut tokens = token::request(&*self.fetch, grant).await?;
        // One that is not replaced stays good.
        tokens.refresh.get_or_insert_with(|| refresh.to_owned());
        Ok(tokens)
    }

    /// Keeps a login without its tokens.
    async fn give_up(&self, guard: &Guard, login: &Login) -> Result<()> {
        if login.tokens.is_none() {
            return Ok(());
        }
        store::put(&*self.store, guard, &Login { tokens: None, ..login.clone() }).await
    }

    /// Forgets a login with its client.
    pub(crate) async fn forget(&self, guard: &Guard, login: &Login) -> Result<()> {
        let mut logins = self.store.load(guard.server()).await?;
        logins.retain(|other| !other.is_same(login));
        self.store.save(guard, &logins).await
    }
}

impl Login {
    /// Proofs with the key that the tokens are bound to.
    pub(crate) fn proofs(&self) -> Result<Option<Arc<Proofs>>> {
        let mut session = Session::default();
        session.adopt(Some(self.clone()))?;
        Ok(session.proofs)
    }

    pub(crate) fn token_endpoint(&self) -> Result<Url> {
        Url::parse(&self.token_endpoint).map_err(|_| OAuthError::Malformed("the saved token endpoint is no URL".to_owned()))
    }
}
