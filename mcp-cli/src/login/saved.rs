//! The login that other commands use.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mcp_client::oauth::{Browser, ClientAuth, Login, OAuth, OAuthBuilder, OAuthError, Standing};
use mcp_client::{Asked, Challenge, Credentials, Error, Pass, Retry};

use super::browser::{Nobody, Open};
use super::store::{latest, store};
use crate::failure::Failure;
use crate::terminal;

/// What the program calls itself where it registers.
pub(crate) const NAME: &str = "mcp (command line)";

/// A saved login, which is renewed by itself; where somebody is at the terminal, they are asked to sign in if there is none.
pub(crate) struct Saved {
    oauth: OAuth,
    /// Whether there is a login to begin with.
    exists: bool,
    somebody: bool,
}

/// Nobody is there to sign in anew.
#[derive(Debug, thiserror::Error)]
#[error("the saved login is not taken any more; run `mcp login {0}`")]
struct Ended(String);

impl Saved {
    /// The login for a server.
    ///
    /// # Errors
    /// When what is saved cannot be read.
    pub(crate) async fn of(server: &str) -> Result<Self, Failure> {
        let login = latest(server).await?;
        let somebody = terminal::somebody_is_there();
        let builder = match &login {
            Some(login) if somebody => again(login, Open),
            Some(login) => again(login, Nobody).without_registration(),
            None if somebody => OAuth::person(Open),
            None => OAuth::person(Nobody).without_registration(),
        };
        let oauth = builder.name(NAME).store(Arc::new(store()?)).build();
        Ok(Self { oauth, exists: login.is_some(), somebody })
    }
}

/// The saved login, renewed if it has ended and can be.
pub(crate) async fn usable(url: &str) -> Option<Login> {
    let login = latest(url).await.ok()??;
    if login.tokens.as_ref().is_some_and(|tokens| tokens.has_expired())
        && let Ok(saved) = Saved::of(url).await
        && let Ok(client) = mcp_client::Client::builder().credentials(Arc::new(saved)).connect(url).await
    {
        client.close().await;
        return latest(url).await.ok()?;
    }
    Some(login)
}

/// Signs in as the client of a login.
pub(crate) fn again(login: &Login, browser: impl Browser + 'static) -> OAuthBuilder {
    let client = &login.client;
    let has_refresh = login.tokens.as_ref().is_some_and(|tokens| tokens.refresh.is_some());
    let builder = match &client.secret {
        _ if client.dynamic => OAuth::person(browser),
        // What needs nobody for a new token is not given one to renew it with.
        Some(secret) if !has_refresh => OAuth::program(&client.id, secret).issuer(&login.issuer).client_auth(client.auth),
        None if client.id.starts_with("https://") => OAuth::person(browser).document(&client.id),
        None if client.auth == ClientAuth::PrivateKeyJwt && !has_refresh => {
            OAuth::program_with_key_file(&client.id, client.key_file.clone().unwrap_or_default()).issuer(&login.issuer)
        }
        secret => OAuth::person(browser).client(&client.id, secret.clone()).issuer(&login.issuer).client_auth(client.auth),
    };
    match &client.key_file {
        Some(path) => builder.key_file(path),
        None => builder,
    }
}

/// The login of a program that stands between a server and somebody else: it uses what is saved, and opens the browser where that does not
/// do. Calls wait for whoever signs in for `patience` at most.
///
/// # Errors
/// When what is saved cannot be read. Whoever has no home has no logins.
pub(crate) async fn standing(server: &str, patience: Duration) -> Result<Option<Arc<dyn Credentials>>, Failure> {
    let (store, login) = match (store(), latest(server).await) {
        (Ok(store), login) => (store, login?),
        (Err(Failure::Usage(_)), _) => return Ok(None),
        (Err(failure), _) => return Err(failure),
    };
    let builder = login.as_ref().map_or_else(|| OAuth::person(Open), |login| again(login, Open));
    Ok(Some(Arc::new(Standing::new(builder.name(NAME).store(Arc::new(store)).build(), patience))))
}

#[async_trait]
impl Credentials for Saved {
    async fn pass(&self, asked: &Asked<'_>) -> mcp_client::Result<Option<Pass>> {
        self.oauth.pass(asked).await
    }

    async fn challenged(&self, challenge: &Challenge<'_>) -> mcp_client::Result<Retry> {
        if self.somebody {
            let question = match challenge.status {
                401 => "The server wants to know who is calling. Sign in?",
                _ => "The login does not let you do this. Ask for more?",
            };
            if challenge.pass.is_none() || challenge.status != 401 {
                let agreed = terminal::confirm(question).await.unwrap_or(false);
                return if agreed { self.oauth.challenged(challenge).await } else { Ok(Retry::GiveUp) };
            }
            return self.oauth.challenged(challenge).await;
        }
        // Scopes are for people to give.
        if !self.exists || challenge.status != 401 {
            return Ok(Retry::GiveUp);
        }
        match self.oauth.challenged(challenge).await {
            Err(Error::Authorization(cause)) if wants_somebody(&*cause) => Err(Error::authorization(Ended(challenge.resource.to_owned()))),
            answer => answer,
        }
    }
}

fn wants_somebody(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(OAuthError::Browser(_) | OAuthError::NoClient { .. }))
}
