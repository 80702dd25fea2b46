//! Giving a login back (RFC 7009).

use bytes::Bytes;
use http::Response;
use url::Url;

use super::OAuth;
use super::error::{OAuthError, Result};
use super::fetch::send;
use super::login::Login;
use super::token::{Grant, encode};

impl OAuth {
    /// Gives back the login at a server, by its URL: the authorization server takes back the tokens, if it has a place for
    /// that, and the login is forgotten, also in the store.
    ///
    /// # Errors
    /// When the login cannot be forgotten, or the authorization server did not take the tokens back; it is forgotten then.
    pub async fn sign_out(&self, server: &str) -> Result<(), OAuthError> {
        let mut session = self.session(server).await;
        let guard = self.store.lock(server).await?;
        let login = self.latest(&self.store.load(server).await?).or_else(|| session.login.clone());
        session.adopt(None)?;
        let Some(login) = login else { return Ok(()) };
        self.forget(&guard, &login).await?;
        drop(guard);
        self.revoke(&login).await
    }

    async fn revoke(&self, login: &Login) -> Result<()> {
        let (Some(endpoint), Some(tokens)) = (&login.revocation_endpoint, &login.tokens) else { return Ok(()) };
        let endpoint = Url::parse(endpoint).map_err(|_| OAuthError::Malformed("the saved revocation endpoint is no URL".to_owned()))?;
        // A refresh token takes the access tokens with it.
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        let assertion = self.assertion(&login.client, &login.issuer).await?;
        let form = vec![("token", token.clone()), ("token_type_hint", hint.to_owned())];
        let grant =
            Grant { endpoint: &endpoint, reach: login.reach, client: &login.client, assertion, proofs: None, form, scopes: Vec::new() };
        let answer: Response<Bytes> = send(&*self.fetch, login.reach, encode(&grant)?).await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(OAuthError::Malformed(format!("the tokens were not taken back: status {}", answer.status().as_u16())))
    }
}
