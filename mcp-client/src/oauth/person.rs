//! A person signs in, in a browser (OAuth 2.1, section 4.1).

use std::pin::pin;
use std::sync::Arc;

use tokio::time::timeout;

use super::OAuth;
use super::authorize::Attempt;
use super::browser::Browser;
use super::client::Client;
use super::discovery::Found;
use super::dpop::Proofs;
use super::error::{OAuthError, Result};
use super::jwt::SigningKey;
use super::login::Login;
use super::loopback::Loopback;
use super::session;
use super::token::{self, Grant};

/// Where the browser comes back to if nothing else is said: the form with which any port agrees (RFC 8252, section 7.3).
const REDIRECT_URI: &str = "http://127.0.0.1/callback";

impl OAuth {
    /// Has a person sign in.
    ///
    /// # Errors
    /// When the person does not, or the authorization server does not let the person or the client in.
    pub(crate) async fn ask_person(
        &self,
        browser: &dyn Browser,
        server: &str,
        found: &Found,
        known: Option<&Login>,
        scopes: Vec<String>,
        proofs: bool,
    ) -> Result<Login> {
        let mut registered = known.map(|login| &login.client).filter(|client| client.dynamic);
        loop {
            let answer = self.ask_person_as(browser, found, registered, scopes.clone(), proofs).await;
            let (Some(_), Some(login), Err(error)) = (registered, known, &answer) else { return answer };
            // A client that is no longer known is told at the token endpoint; before, only the person sees it.
            match error {
                OAuthError::NobodySignedIn(_) => {
                    self.forget(&self.store.lock(server).await?, login).await?;
                    return answer;
                }
                error if error.is("invalid_client") || error.is("unauthorized_client") => {
                    self.forget(&self.store.lock(server).await?, login).await?;
                    registered = None;
                }
                _ => return answer,
            }
        }
    }

    async fn ask_person_as(
        &self,
        browser: &dyn Browser,
        found: &Found,
        registered: Option<&Client>,
        scopes: Vec<String>,
        proofs: bool,
    ) -> Result<Login> {
        let attempt = Attempt::at(found)?;
        let given = self.identity.without_registration(found)?;
        let again = registered.filter(|_| given.is_none());
        let exactly = self.redirect_uri.is_some();
        let wanted = again.and_then(|client| client.redirect_uri.as_deref()).or(self.redirect_uri.as_deref()).unwrap_or(REDIRECT_URI);
        let loopback = Loopback::open(wanted, exactly).await?;
        let client = match (given, again.filter(|client| client.redirect_uri.as_deref() == Some(loopback.redirect_uri()))) {
            (Some(client), _) => client,
            (None, Some(client)) => client.clone(),
            (None, None) => self.identity.register(&*self.fetch, found, loopback.redirect_uri()).await?,
        };
        let code = self.code(browser, found, &attempt, &client, &loopback, &scopes).await?;

        let key = proofs.then(SigningKey::generate).transpose()?;
        let saved = key.as_ref().map(session::encode);
        let proofs = key.map(|key| Arc::new(Proofs::new(key)));
        let form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", loopback.redirect_uri().to_owned()),
            ("code_verifier", attempt.verifier),
            ("resource", found.resource.clone()),
        ];
        let grant = Grant {
            endpoint: &found.token_endpoint,
            reach: found.reach,
            client: &client,
            assertion: self.assertion(&client, &found.issuer).await?,
            proofs: proofs.as_deref(),
            form,
            scopes: scopes.clone(),
        };
        let tokens = token::request(&*self.fetch, grant).await?;
        Ok(Login { key: saved, ..Login::new(found, client, scopes, tokens) })
    }

    async fn code(
        &self,
        browser: &dyn Browser,
        found: &Found,
        attempt: &Attempt,
        client: &Client,
        loopback: &Loopback,
        scopes: &[String],
    ) -> Result<String> {
        let endpoint = found.authorization_endpoint()?;
        let url = attempt.url(&endpoint, &client.id, loopback.redirect_uri(), &found.resource, scopes);
        let (mut opening, mut answering) = (pin!(browser.open(url.as_str())), pin!(loopback.answer(&attempt.state)));
        let waiting = async {
            tokio::select! {
                biased;
                answer = &mut answering => return answer,
                opened = &mut opening => if let Some(led_back) = opened? {
                    return attempt.answer(loopback.redirect_uri(), &led_back);
                }
            }
            answering.await
        };
        let query = timeout(self.patience, waiting).await.map_err(|_| OAuthError::NobodySignedIn(self.patience))??;
        attempt.code(&query)
    }
}
