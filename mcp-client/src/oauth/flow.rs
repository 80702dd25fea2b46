//! From a refusal to a token.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;

use super::asking::{Step, Wanted, is_enough, is_newer};
use super::discovery::{Found, discover};
use super::error::{OAuthError, Result};
use super::login::Login;
use super::resource::Server;
use super::session::Session;
use super::{OAuth, Way, scope, store};
use crate::credentials::{Asked, Challenge, Credentials, Parameters, Pass, Retry};

#[async_trait]
impl Credentials for OAuth {
    async fn pass(&self, asked: &Asked<'_>) -> crate::Result<Option<Pass>> {
        let mut session = self.session(asked.resource).await;
        if !session.loaded {
            let login = self.latest(&self.store.load(asked.resource).await?);
            session.adopt(login)?;
            session.loaded = true;
        }
        if session.tokens().is_some_and(super::Tokens::has_expired) {
            self.renew(&mut session, asked.resource).await?;
        }
        session.pass(asked)
    }

    async fn challenged(&self, challenge: &Challenge<'_>) -> crate::Result<Retry> {
        match self.answer(challenge).await? {
            Step::Settled(retry) => Ok(retry),
            Step::Person(wanted) => Ok(self.ask(&wanted).await?),
        }
    }
}

impl OAuth {
    pub(crate) async fn session(&self, server: &str) -> OwnedMutexGuard<Session> {
        let session = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sessions.entry(server.to_owned()).or_default())
        };
        session.lock_owned().await
    }

    /// Does about a refusal what can be done without a person.
    ///
    /// # Errors
    /// When it is not known how to be let in, or a program is not.
    pub(crate) async fn answer(&self, challenge: &Challenge<'_>) -> Result<Step> {
        let mut session = self.session(challenge.resource).await;
        let refused = challenge.pass.map(Pass::token);
        if session.tokens().is_some_and(|tokens| Some(tokens.access.as_str()) != refused) {
            // Another call has got a new one meanwhile.
            return Ok(Step::Settled(Retry::Now));
        }
        let (proof, bearer) = (challenge.scheme("DPoP"), challenge.scheme("Bearer"));
        if let (Some("use_dpop_nonce"), Some(nonce)) = (proof.as_ref().and_then(|said| said.get("error")), challenge.header("dpop-nonce"))
            && let Some(proofs) = &session.proofs
        {
            // Calls at the same time are told the same nonce, and all but the first find it known.
            let is_new = proofs.resource_nonce(nonce);
            return Ok(Step::Settled(if is_new || challenge.attempt == 1 { Retry::Now } else { Retry::GiveUp }));
        }
        let wants_proof = proof.is_some();
        let said = bearer.or(proof).unwrap_or_default();
        let wanted = said.get("scope").map(scope::split).unwrap_or_default();
        if is_final(&session, challenge, &said, &wanted) {
            return Ok(Step::Settled(Retry::GiveUp));
        }

        let server = Server::at(challenge.resource, challenge.peer)?;
        let guard = self.store.lock(challenge.resource).await?;
        let logins = self.store.load(challenge.resource).await?;
        let does = |login: &Login| is_newer(login, refused) && is_enough(login, challenge.status, &wanted, &self.scopes);
        if let Some(login) = self.latest(&logins).filter(does) {
            // Another process has signed in meanwhile.
            session.adopt(Some(login))?;
            return Ok(Step::Settled(Retry::Now));
        }
        let found = discover(&*self.fetch, &server, said.get("resource_metadata")).await?;
        self.bound_elsewhere(&logins, &found)?;
        let known = logins.iter().find(|login| self.is_at(login, &found));
        if challenge.status == 401
            && challenge.attempt == 1
            && let Some(login) = known
            && let Some(login) = self.refreshed(&guard, login).await?
        {
            session.adopt(Some(login))?;
            return Ok(Step::Settled(Retry::Now));
        }
        let proofs = wants_proof && found.metadata.takes_proofs();
        let Way::Program(program) = &self.way else {
            let (server, status, refused) = (challenge.resource.to_owned(), challenge.status, refused.map(str::to_owned));
            return Ok(Step::Person(Box::new(Wanted { server, found, scopes: wanted, proofs, status, refused })));
        };
        let scopes = self.scopes_for(&found, known, &wanted);
        let login = self.ask_program(program, &found, scopes, proofs).await?;
        store::put(&*self.store, &guard, &login).await?;
        let stepped = std::mem::take(&mut session.stepped);
        session.adopt(Some(login))?;
        session.fresh = true;
        if challenge.status == 403 {
            session.stepped = scope::union(stepped, &wanted);
        }
        Ok(Step::Settled(Retry::Now))
    }

    /// What was asked for before and what is wanted now; at the beginning what was set up or the server lists.
    pub(crate) fn scopes_for(&self, found: &Found, known: Option<&Login>, wanted: &[String]) -> Vec<String> {
        let before = known.map(|login| login.requested.clone()).unwrap_or_default();
        let wanted = match wanted {
            [] if self.scopes.is_empty() && before.is_empty() => found.scopes.as_deref().unwrap_or_default(),
            wanted => wanted,
        };
        scope::settle(scope::union(scope::union(before, &self.scopes), wanted), &found.metadata.scopes_supported)
    }

    /// Whether a login is this client's, for the resource and at the authorization server that were found.
    pub(crate) fn is_at(&self, login: &Login, found: &Found) -> bool {
        self.fits(login) && login.issuer == found.issuer && login.resource == found.resource
    }

    /// The latest login that this client can go on with.
    pub(crate) fn latest(&self, logins: &[Login]) -> Option<Login> {
        logins.iter().find(|login| self.fits(login)).cloned()
    }

    /// Whether a login is of the client that this is set up as.
    fn fits(&self, login: &Login) -> bool {
        match (&self.identity.client, &self.identity.document) {
            (Some(known), _) => known.client.id == login.client.id && known.issuer.as_ref().is_none_or(|issuer| *issuer == login.issuer),
            (None, Some(document)) if *document == login.client.id => true,
            (None, _) => login.client.dynamic,
        }
    }

    /// # Errors
    /// When the client that was registered by hand was used at another authorization server before.
    fn bound_elsewhere(&self, logins: &[Login], found: &Found) -> Result<()> {
        let Some(known) = &self.identity.client else { return Ok(()) };
        let before = logins.iter().find(|login| login.client.id == known.client.id && login.issuer != found.issuer);
        match before {
            Some(login) if known.issuer.is_none() => {
                Err(OAuthError::OtherServer { registered: login.issuer.clone(), named: found.issuer.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Whether nothing can be done about a refusal that was not tried before.
fn is_final(session: &Session, challenge: &Challenge<'_>, said: &Parameters, wanted: &[String]) -> bool {
    if challenge.status == 401 {
        // A token that was just given is not good enough for the server.
        return challenge.attempt > 1 && session.fresh;
    }
    said.get("error") != Some("insufficient_scope") || wanted.is_empty() || scope::covers(&session.stepped, wanted)
}
