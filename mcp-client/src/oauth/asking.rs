//! Asking a person to sign in: once, however many calls and programs want it.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::browser::Browser;
use super::discovery::Found;
use super::error::{OAuthError, Result};
use super::login::Login;
use super::store::{self, Guard};
use super::{OAuth, Way, scope};
use crate::credentials::Retry;

/// How long to wait for one's turn before saying that somebody else has it.
const GLANCE: Duration = Duration::from_millis(100);
/// How often to look whether somebody else got the login that is asked for.
const LOOK: Duration = Duration::from_millis(250);

/// What a refusal leads to.
pub(crate) enum Step {
    /// Nobody had to be asked.
    Settled(Retry),
    /// A person has to sign in.
    Person(Box<Wanted>),
}

/// A login that is to be had.
pub(crate) struct Wanted {
    /// The URL of the MCP server.
    pub(crate) server: String,
    pub(crate) found: Found,
    /// The scopes that the server asked for.
    pub(crate) scopes: Vec<String>,
    /// Whether the server takes proofs of possession.
    pub(crate) proofs: bool,
    /// The HTTP status of the refusal.
    pub(crate) status: u16,
    /// The token that was refused.
    pub(crate) refused: Option<String>,
}

impl Wanted {
    /// Whether a login is another one than that which was refused, and does.
    pub(crate) fn is_met_by(&self, login: &Login, scopes: &[String]) -> bool {
        is_newer(login, self.refused.as_deref()) && is_enough(login, self.status, &self.scopes, scopes)
    }
}

/// Whether a login has tokens that can be used, and are others than the one that was refused.
pub(crate) fn is_newer(login: &Login, refused: Option<&str>) -> bool {
    login.tokens.as_ref().is_some_and(|tokens| Some(tokens.access.as_str()) != refused && !tokens.has_expired())
}

/// Whether a login may do what the server wants for. Of what this client is to ask for itself, it counts that it was asked for.
pub(crate) fn is_enough(login: &Login, status: u16, wanted: &[String], own: &[String]) -> bool {
    let given = login.tokens.as_ref().is_some_and(|tokens| scope::covers(&tokens.scopes, wanted));
    if status == 401 { scope::covers(&login.requested, own) } else { given }
}

/// The turn of asking a person.
struct Turn {
    _held: Option<Guard>,
    had_to_wait: bool,
}

impl OAuth {
    /// Has a person sign in, and goes on with the new login.
    ///
    /// Nothing is locked meanwhile: others can renew and use the login there is. Whoever wants the same waits for the person who is asked
    /// already, and takes over a login that somebody else got.
    ///
    /// # Errors
    /// When the person does not sign in, or is not let in.
    pub(crate) async fn ask(&self, wanted: &Wanted) -> Result<Retry> {
        let Way::Person(browser) = &self.way else { return Ok(Retry::GiveUp) };
        let (login, fresh) = tokio::select! {
            biased;
            login = self.asked(&**browser, wanted) => login?,
            login = self.had_elsewhere(wanted) => (login?, false),
        };
        let mut session = self.session(&wanted.server).await;
        let stepped = std::mem::take(&mut session.stepped);
        session.adopt(Some(login))?;
        session.fresh = fresh;
        if fresh && wanted.status == 403 {
            session.stepped = scope::union(stepped, &wanted.scopes);
        }
        Ok(Retry::Now)
    }

    /// A login that does, and whether it is one that the person was asked for.
    async fn asked(&self, browser: &dyn Browser, wanted: &Wanted) -> Result<(Login, bool)> {
        let turn = self.turn(browser, &wanted.server).await?;
        // Whose turn it was may have got it.
        if let Some(login) = self.kept(wanted).await? {
            return Ok((login, false));
        }
        if turn.had_to_wait && self.follows {
            return Err(OAuthError::AskedElsewhere);
        }
        let logins = self.store.load(&wanted.server).await?;
        let known = logins.iter().find(|login| self.is_at(login, &wanted.found));
        let scopes = self.scopes_for(&wanted.found, known, &wanted.scopes);
        let login = self.ask_person(browser, &wanted.server, &wanted.found, known, scopes, wanted.proofs).await?;
        // It is kept before anybody uses it.
        let guard = self.store.lock(&wanted.server).await?;
        store::put(&*self.store, &guard, &login).await?;
        Ok((login, true))
    }

    /// Waits until nobody else asks a person for a login at this server.
    async fn turn(&self, browser: &dyn Browser, server: &str) -> Result<Turn> {
        // No URL, so it is not the lock of any server's logins.
        let turn = format!("sign in to {server}");
        if let Ok(held) = timeout(GLANCE, self.store.lock(&turn)).await {
            return Ok(Turn { _held: Some(held?), had_to_wait: false });
        }
        browser.others_ask();
        if self.at_once {
            return Ok(Turn { _held: None, had_to_wait: false });
        }
        Ok(Turn { _held: Some(self.store.lock(&turn).await?), had_to_wait: true })
    }

    /// Waits until the store has a login that somebody else got.
    async fn had_elsewhere(&self, wanted: &Wanted) -> Result<Login> {
        loop {
            if let Some(login) = self.kept(wanted).await? {
                return Ok(login);
            }
            sleep(LOOK).await;
        }
    }

    /// The login in the store, if it does.
    async fn kept(&self, wanted: &Wanted) -> Result<Option<Login>> {
        let login = self.latest(&self.store.load(&wanted.server).await?);
        Ok(login.filter(|login| wanted.is_met_by(login, &self.scopes)))
    }
}
