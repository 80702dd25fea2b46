//! What is known of one server.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::dpop::Proofs;
use super::error::{OAuthError, Result};
use super::jwt::SigningKey;
use super::login::Login;
use super::token::Tokens;
use crate::credentials::{Asked, Pass};

/// What is known of one server.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// Whether the store was asked.
    pub(crate) loaded: bool,
    pub(crate) login: Option<Login>,
    pub(crate) proofs: Option<Arc<Proofs>>,
    /// Whether the tokens were just given for a sign-in, rather than renewed or loaded.
    pub(crate) fresh: bool,
    /// The scopes that the server asked for with a 403, and that these tokens were to bring.
    pub(crate) stepped: Vec<String>,
}

impl Session {
    pub(crate) fn tokens(&self) -> Option<&Tokens> {
        self.login.as_ref()?.tokens.as_ref()
    }

    /// Goes on with a login, from the store or just made.
    pub(crate) fn adopt(&mut self, login: Option<Login>) -> Result<()> {
        let key = login.as_ref().and_then(|login| login.key.as_deref());
        self.proofs = match (key, self.proofs.take()) {
            (None, _) => None,
            (Some(key), Some(proofs)) if encode(proofs.key()) == key => Some(proofs),
            (Some(key), _) => Some(Arc::new(Proofs::new(decode(key)?))),
        };
        self.login = login;
        self.fresh = false;
        self.stepped.clear();
        Ok(())
    }

    /// What is sent with a request.
    ///
    /// # Errors
    /// When the token cannot be sent.
    pub(crate) fn pass(&self, asked: &Asked<'_>) -> crate::Result<Option<Pass>> {
        let Some(tokens) = self.tokens() else { return Ok(None) };
        match &self.proofs {
            Some(proofs) if tokens.bound => {
                let url = Url::parse(&asked.url()).map_err(|_| OAuthError::Malformed("the server has no URL".to_owned()))?;
                Pass::dpop(&tokens.access, &proofs.for_resource(asked.method, url, &tokens.access)?).map(Some)
            }
            _ => Pass::bearer(&tokens.access).map(Some),
        }
    }
}

/// A key as a login keeps it.
pub(crate) fn encode(key: &SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(key.der())
}

fn decode(key: &str) -> Result<SigningKey> {
    let der = URL_SAFE_NO_PAD.decode(key).map_err(|_| OAuthError::Key("the saved key cannot be read"))?;
    SigningKey::from_der(&der)
}
