//! Setting up how to sign in.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::assertion::ClientKey;
use super::browser::Browser;
use super::client::{Client, ClientAuth};
use super::fetch::{Fetch, Web};
use super::jwt::SigningKey;
use super::program::{Assertion, EnterpriseLogin, Program};
use super::register::{Identity, Known};
use super::store::{MemoryStore, TokenStore};
use super::{OAuth, Way};

/// How long a person may take to sign in, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How to sign in.
#[must_use = "a builder does nothing until it is built"]
pub struct OAuthBuilder(OAuth);

impl std::fmt::Debug for OAuthBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OAuthBuilder").field(&self.0).finish()
    }
}

impl OAuth {
    /// A person signs in with a browser, and the program acts for that person.
    pub fn person(browser: impl Browser + 'static) -> OAuthBuilder {
        OAuthBuilder::new(Way::Person(Arc::new(browser)))
    }

    /// A program is let in as itself, by a secret (extension `io.modelcontextprotocol/oauth-client-credentials`).
    pub fn program(client_id: impl Into<String>, secret: impl Into<String>) -> OAuthBuilder {
        OAuthBuilder::new(Way::Program(Program::ClientCredentials)).client(client_id, Some(secret.into()))
    }

    /// A program is let in as itself, by a key of which the authorization server knows the public half
    /// (`private_key_jwt`, RFC 7523, section 2.2).
    pub fn program_with_key(client_id: impl Into<String>, key: SigningKey) -> OAuthBuilder {
        OAuthBuilder::new(Way::Program(Program::ClientCredentials)).client(client_id, None).key(key)
    }

    /// The same with a file that holds the key as PEM. Logins remember where it is.
    pub fn program_with_key_file(client_id: impl Into<String>, path: impl Into<PathBuf>) -> OAuthBuilder {
        OAuthBuilder::new(Way::Program(Program::ClientCredentials)).client(client_id, None).key_file(path)
    }

    /// A program is let in by what the platform that runs it says about it (RFC 7523, section 2.1).
    pub fn workload(client_id: impl Into<String>, assertion: impl Assertion + 'static) -> OAuthBuilder {
        OAuthBuilder::new(Way::Program(Program::Workload(Arc::new(assertion)))).client(client_id, None)
    }

    /// A person of an enterprise is let in by the identity provider that the person is signed in at
    /// (extension `io.modelcontextprotocol/enterprise-managed-authorization`).
    /// The client that the authorization server of the MCP server knows is set with [`OAuthBuilder::client`].
    pub fn enterprise(login: EnterpriseLogin) -> OAuthBuilder {
        OAuthBuilder::new(Way::Program(Program::Enterprise(login)))
    }
}

impl OAuthBuilder {
    fn new(way: Way) -> Self {
        Self(OAuth {
            identity: Identity { name: env!("CARGO_PKG_NAME").to_owned(), client: None, document: None, may_register: true, key: None },
            way,
            store: Arc::new(MemoryStore::default()),
            fetch: Arc::new(Web::default()),
            scopes: Vec::new(),
            redirect_uri: None,
            patience: PATIENCE,
            at_once: false,
            follows: false,
            sessions: Mutex::default(),
        })
    }

    /// What people are told the program is called when it registers itself.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.identity.name = name.into();
        self
    }

    /// A client that was registered by hand, and its secret if it has one. It is only used at the authorization server
    /// where it is used first, and at no other than the one that [`OAuthBuilder::issuer`] names.
    pub fn client(mut self, id: impl Into<String>, secret: Option<String>) -> Self {
        self.0.identity.client = Some(Known { issuer: None, client: Client::known(id, secret, ClientAuth::None), auth: None });
        self
    }

    /// The authorization server that knows the client of [`OAuthBuilder::client`].
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        if let Some(known) = &mut self.0.identity.client {
            known.issuer = Some(issuer.into());
        }
        self
    }

    /// How the client of [`OAuthBuilder::client`] proves who it is, if not as the authorization server's metadata says.
    pub fn client_auth(mut self, auth: ClientAuth) -> Self {
        if let Some(known) = &mut self.0.identity.client {
            known.auth = Some(auth);
        }
        self
    }

    /// The `https:` URL of the document that describes this client, where authorization servers take those
    /// (2026-07-28, "Client ID Metadata Documents").
    pub fn document(mut self, url: impl Into<String>) -> Self {
        self.0.identity.document = Some(url.into());
        self
    }

    /// The key with which the client of [`OAuthBuilder::client`] or [`OAuthBuilder::document`] proves who it is (`private_key_jwt`). Whoever
    /// registered the client, or the document with `jwks` or `jwks_uri`, made the public half known. A document with a key is used only where
    /// such proofs are taken.
    pub fn key(mut self, key: SigningKey) -> Self {
        self.0.identity.key = Some(ClientKey::Held(Arc::new(key)));
        self
    }

    /// The same with a file that holds the key as PEM (PKCS #8). It is read whenever it is needed, and logins remember where it is.
    pub fn key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.identity.key = Some(ClientKey::File(path.into()));
        self
    }

    /// Does not register itself at authorization servers.
    pub fn without_registration(mut self) -> Self {
        self.0.identity.may_register = false;
        self
    }

    /// The scopes to begin with. Otherwise the server says which ones; what it asks for later is added.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.0.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Where the browser comes back to: `http://127.0.0.1` or `http://localhost`, with a path, and with a port if no
    /// other one will do.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.0.redirect_uri = Some(uri.into());
        self
    }

    /// How long a person may take to sign in. Default 5 min.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.0.patience = patience;
        self
    }

    /// Asks the person at once, although another program that shares the store has done so already: for whoever was told to sign in now.
    pub fn at_once(mut self) -> Self {
        self.0.at_once = true;
        self
    }

    /// Where logins are kept. They end with the process otherwise.
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.0.store = store;
        self
    }

    /// What asks authorization servers.
    pub fn fetch(mut self, fetch: impl Fetch + 'static) -> Self {
        self.0.fetch = Arc::new(fetch);
        self
    }

    /// Ready to be given to [`Builder::credentials`](crate::Builder::credentials).
    #[must_use]
    pub fn build(self) -> OAuth {
        self.0
    }
}
