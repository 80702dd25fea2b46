//! `mcp login`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use mcp_client::Client;
use mcp_client::oauth::{FileStore, OAuth, OAuthBuilder, OAuthError, SigningKey, TokenStore as _};
use serde_json::json;

use super::browser::{Open, Print};
use super::saved::{NAME, again};
use super::show::facts;
use super::store::{Place, latest, store};
use crate::failure::Failure;
use crate::interrupt::until_interrupted;
use crate::target::Target;
use crate::terminal::{Table, note};

/// Sign in to a server; other commands use the login
///
/// Opens the page where you sign in, and keeps what the authorization server gives in a file that only you can read. Run it again for other
/// scopes, another client or another place.
#[derive(Args, Debug)]
pub(crate) struct Login {
    /// The server: its URL or its name in a configuration file
    target: String,
    /// The file in which servers are looked up by name, in the form of `mcpServers` [default: .mcp.json]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// As whom to sign in, and for what.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Signing in")]
pub(crate) struct Options {
    /// A scope to ask for, beside those that the server wants; may be repeated
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// The client that was registered for you at the authorization server
    #[arg(long, value_name = "ID", group = "which_client")]
    client_id: Option<String>,
    /// The environment variable that holds the secret of that client
    #[arg(long, value_name = "NAME", requires = "client_id", group = "client_proof")]
    client_secret_env: Option<String>,
    /// The URL of a document that describes the client, where such are taken
    #[arg(long, value_name = "URL", group = "which_client")]
    client_metadata_url: Option<String>,
    /// The file that holds the key with which the client signs who it is (private_key_jwt): PKCS #8 in PEM, on P-256. It has to stay there
    #[arg(long, value_name = "FILE", requires = "which_client", group = "client_proof")]
    client_key: Option<PathBuf>,
    /// Sign in as the client itself, without a person
    #[arg(long, requires = "client_id", requires = "client_proof")]
    client_credentials: bool,
    /// Where the browser comes back to, if the client was registered with one port only
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Print the page where to sign in, and open no browser
    #[arg(long)]
    print_url: bool,
    /// Where the login is kept, for all commands [default: where the one before is, or in a file]
    #[arg(long, value_name = "PLACE", value_enum, hide_default_value = true)]
    store: Option<Place>,
}

impl Login {
    /// Signs in and says as whom.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let words = [self.target];
        let (Target::Url { url, .. }, _) = Target::find(&words, &[], self.config.as_deref())? else {
            return Err(Failure::usage("only servers that are reached by a URL know logins; one that is started is whoever starts it"));
        };
        self.options.sign_in(&url).await?;
        let Some(login) = latest(&url).await?.filter(|login| login.tokens.is_some()) else {
            note("the server does not ask who is calling, so there is nothing to sign in to");
            return Ok(());
        };
        let given = login.tokens.as_ref().map(|tokens| tokens.scopes.as_slice()).unwrap_or_default();
        for scope in self.options.scope.iter().filter(|scope| !given.contains(scope)) {
            note(&format!("the scope `{scope}` was not given"));
        }
        let mut table = Table::new(["WHAT", "ANSWER"]);
        table.row(["server", &url]);
        for (name, value) in facts(&login) {
            table.row([&name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned)]);
        }
        Ok(table.print()?)
    }
}

impl Options {
    /// Signs in anew, whatever login there is. One that there was stays if that fails.
    ///
    /// # Errors
    /// When the server cannot be reached, or nobody is let in.
    pub(crate) async fn sign_in(&self, url: &str) -> Result<(), Failure> {
        let store = self.store.map_or_else(store, Place::store)?;
        let builder = self.builder(url).await?;
        let before = set_aside(&store, url).await?;
        let oauth = builder.name(NAME).store(Arc::new(store.clone())).at_once().build();
        let done = until_interrupted(async { ask(url, oauth).await }).await;
        if done.is_err() {
            put_back(&store, url, before).await?;
        }
        done.map_err(|failure| failure.at(Some(url)))
    }

    async fn builder(&self, url: &str) -> Result<OAuthBuilder, Failure> {
        let secret = self.client_secret_env.as_deref().map(secret).transpose()?;
        let key = self.client_key.as_deref().map(std::path::absolute).transpose()?;
        if let Some(key) = &key {
            // It is needed only after somebody has signed in, who would have done so for nothing.
            SigningKey::from_file(key).await.map_err(|error| unusable(&error))?;
        }
        let mut builder = match (&self.client_id, secret) {
            (Some(id), Some(secret)) if self.client_credentials => OAuth::program(id, secret),
            (Some(id), None) if self.client_credentials => OAuth::program_with_key_file(id, key.clone().unwrap_or_default()),
            (Some(id), secret) => self.person().client(id, secret),
            (None, _) => match (&self.client_metadata_url, latest(url).await?) {
                (Some(document), _) => self.person().document(document),
                // Whoever signs in again does so as the client that is known already.
                (None, Some(login)) if self.print_url => again(&login, Print),
                (None, Some(login)) => again(&login, Open),
                (None, None) => self.person(),
            },
        };
        if let Some(key) = key {
            builder = builder.key_file(key);
        }
        if let Some(redirect_uri) = &self.redirect_uri {
            builder = builder.redirect_uri(redirect_uri);
        }
        Ok(builder.scopes(&self.scope))
    }

    fn person(&self) -> OAuthBuilder {
        if self.print_url { OAuth::person(Print) } else { OAuth::person(Open) }
    }
}

/// Connects, so that the server asks who is calling; some ask only when something is used.
async fn ask(url: &str, oauth: OAuth) -> Result<(), Failure> {
    let client = Client::builder().named("mcp", env!("CARGO_PKG_VERSION")).credentials(Arc::new(oauth)).connect(url).await?;
    if latest(url).await?.is_none_or(|login| login.tokens.is_none()) {
        // What comes back does not matter: there is no such tool.
        let asked = client.request("tools/call", &json!({"name": "mcp-login-asks", "arguments": {}})).await;
        if let Err(error @ mcp_client::Error::Authorization(_)) = asked {
            return Err(error.into());
        }
    }
    client.close().await;
    Ok(())
}

/// Takes the tokens of a server's logins away, so that it asks for new ones.
async fn set_aside(store: &FileStore, url: &str) -> Result<Vec<mcp_client::oauth::Login>, Failure> {
    let failed = mcp_client::Error::from;
    let guard = store.lock(url).await.map_err(failed)?;
    let before = store.load(url).await.map_err(failed)?;
    let mut without = before.clone();
    without.iter_mut().for_each(|login| login.tokens = None);
    store.save(&guard, &without).await.map_err(failed)?;
    Ok(before)
}

async fn put_back(store: &FileStore, url: &str, before: Vec<mcp_client::oauth::Login>) -> Result<(), Failure> {
    let failed = mcp_client::Error::from;
    let guard = store.lock(url).await.map_err(failed)?;
    let now = store.load(url).await.map_err(failed)?;
    // Another process may have signed in meanwhile.
    if now.iter().all(|login| login.tokens.is_none()) {
        store.save(&guard, &before).await.map_err(failed)?;
    }
    Ok(())
}

/// The key of the client is not there, or no such key.
fn unusable(error: &OAuthError) -> Failure {
    match error {
        OAuthError::Store { what, cause } => Failure::usage(format!("{what}: {cause}")),
        other => Failure::usage(other.to_string()),
    }
}

fn secret(name: &str) -> Result<String, Failure> {
    let secret = std::env::var(name).map(|secret| secret.trim().to_owned()).unwrap_or_default();
    match secret.is_empty() {
        true => Err(Failure::usage(format!("the environment variable `{name}`, which should hold the secret, is not set"))),
        false => Ok(secret),
    }
}
