//! A program signs in by itself: with its secret or key, or with what somebody else says about it.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::client::{Client, ClientAuth};
use super::discovery::Found;
use super::dpop::Proofs;
use super::error::{OAuthError, Result};
use super::fetch::Fetch;
use super::jwt::SigningKey;
use super::login::Login;
use super::reach::Reach;
use super::token::{self, Grant, Tokens};
use super::{OAuth, scope, session};

/// How a program signs in.
pub(crate) enum Program {
    /// As itself (OAuth 2.1, section 4.2).
    ClientCredentials,
    Workload(Arc<dyn Assertion>),
    Enterprise(EnterpriseLogin),
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// What a platform or an identity provider says about a program or a person: a signed JWT.
#[async_trait]
pub trait Assertion: Send + Sync {
    /// An assertion that is meant for this audience, the issuer of the authorization server.
    ///
    /// # Errors
    /// When there is none.
    async fn assertion(&self, audience: &str) -> Result<String, OAuthError>;
}

#[async_trait]
impl Assertion for String {
    async fn assertion(&self, _: &str) -> Result<String, OAuthError> {
        Ok(self.clone())
    }
}

/// A file that the platform keeps fresh, as Kubernetes does.
#[derive(Clone, Debug)]
pub struct AssertionFile(pub PathBuf);

#[async_trait]
impl Assertion for AssertionFile {
    async fn assertion(&self, _: &str) -> Result<String, OAuthError> {
        let text = tokio::fs::read_to_string(&self.0).await;
        let text = text.map_err(|cause| OAuthError::Store { what: format!("{} cannot be read", self.0.display()), cause })?;
        Ok(text.trim().to_owned())
    }
}

/// How a person is signed in at the identity provider of an enterprise.
#[derive(Clone)]
pub struct EnterpriseLogin {
    /// The token endpoint of the identity provider.
    pub token_endpoint: String,
    /// As whom the identity provider knows this client.
    pub client: Client,
    /// The person's ID token.
    pub id_token: Arc<dyn Assertion>,
}

impl std::fmt::Debug for EnterpriseLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnterpriseLogin")
            .field("token_endpoint", &self.token_endpoint)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl EnterpriseLogin {
    /// A person who is signed in with `id_token` at the identity provider of `token_endpoint`, where this is the client
    /// `client_id`, with a secret if it has one.
    pub fn new(token_endpoint: &str, client_id: &str, secret: Option<String>, id_token: impl Assertion + 'static) -> Self {
        let auth = if secret.is_some() { ClientAuth::ClientSecretPost } else { ClientAuth::None };
        let client = Client::known(client_id, secret, auth);
        Self { token_endpoint: token_endpoint.to_owned(), client, id_token: Arc::new(id_token) }
    }

    /// The identity provider's word for the authorization server of an MCP server (RFC 8693;
    /// enterprise-managed-authorization, section 4).
    async fn grant(&self, fetch: &dyn Fetch, login: &Login) -> Result<String> {
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".to_owned()),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:id-jag".to_owned()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token".to_owned()),
            ("subject_token", self.id_token.assertion(&self.token_endpoint).await?),
            ("audience", login.issuer.clone()),
            ("resource", login.resource.clone()),
        ];
        form.extend(scope::parameter(&login.requested).map(|scope| ("scope", scope)));
        // Whoever set the client up says where this is.
        let reach = Reach::Machine;
        let endpoint = reach.check(&self.token_endpoint)?;
        let grant = Grant { endpoint: &endpoint, reach, client: &self.client, assertion: None, proofs: None, form, scopes: Vec::new() };
        let answer = token::ask(fetch, &grant).await?;
        let word = answer.get("access_token").and_then(serde_json::Value::as_str);
        word.map(str::to_owned).ok_or_else(|| OAuthError::Malformed("the identity provider answered without a grant".to_owned()))
    }
}

impl Program {
    /// Asks for tokens with the scopes of a login, for a client that proves who it is with an assertion if it signs.
    ///
    /// # Errors
    /// When they are refused. It is not tried in another way, and not again.
    pub(crate) async fn ask(&self, fetch: &dyn Fetch, login: &Login, assertion: Option<String>, proofs: Option<&Proofs>) -> Result<Tokens> {
        let endpoint = login.token_endpoint()?;
        let mut form = Vec::new();
        match self {
            Self::ClientCredentials => form.push(("grant_type", "client_credentials".to_owned())),
            Self::Workload(source) => {
                form.push(("grant_type", JWT_BEARER.to_owned()));
                form.push(("assertion", source.assertion(&login.issuer).await?));
            }
            Self::Enterprise(person) => {
                form.push(("grant_type", JWT_BEARER.to_owned()));
                form.push(("assertion", person.grant(fetch, login).await?));
            }
        }
        form.push(("resource", login.resource.clone()));
        form.extend(scope::parameter(&login.requested).map(|scope| ("scope", scope)));
        let scopes = login.requested.clone();
        token::request(fetch, Grant { endpoint: &endpoint, reach: login.reach, client: &login.client, assertion, proofs, form, scopes })
            .await
    }
}

impl OAuth {
    /// Signs a program in.
    ///
    /// # Errors
    /// As [`Program::ask`], and when there is no client that the authorization server knows.
    pub(crate) async fn ask_program(&self, program: &Program, found: &Found, scopes: Vec<String>, proofs: bool) -> Result<Login> {
        let none = || OAuthError::NoClient { issuer: found.issuer.clone(), why: "a program has to be registered before".to_owned() };
        let client = self.identity.without_registration(found)?.ok_or_else(none)?;
        let key = proofs.then(SigningKey::generate).transpose()?;
        let mut login = Login::without_tokens(found, client, scopes);
        login.key = key.as_ref().map(session::encode);
        let proofs = key.map(Proofs::new);
        let assertion = self.assertion(&login.client, &login.issuer).await?;
        login.tokens = Some(program.ask(&*self.fetch, &login, assertion, proofs.as_ref()).await?);
        Ok(login)
    }
}
