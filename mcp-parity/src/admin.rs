//! What the operator does with the authorization server, on the command line.

use std::io::Write as _;

use clap::Subcommand;
use mcp_auth::server::{AuthServer, ClientToAdd};

use crate::command::say;
use crate::error::{Error, Result};
use crate::server::Server;

/// Clients, people and keys of the authorization server.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// OAuth clients
    #[command(subcommand)]
    Client(ClientAction),
    /// People who have signed in
    #[command(subcommand)]
    User(UserAction),
    /// The keys that sign access tokens
    #[command(subcommand)]
    Key(KeyAction),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientAction {
    /// Make a client, and print its id and its secret
    Add {
        /// What people are shown
        name: String,
        /// Where it may be led back to; may be given several times
        #[arg(long = "redirect")]
        redirects: Vec<String>,
        /// It keeps no secret, as an app on somebody's machine
        #[arg(long)]
        public: bool,
        /// It acts for itself, with these scopes separated by spaces
        #[arg(long)]
        scopes: Option<String>,
        /// It identifies itself with assertions; a file with its public keys, as a JWK set
        #[arg(long)]
        jwks: Option<std::path::PathBuf>,
    },
    /// List the clients that are known
    List,
    /// Remove a client and everything it was given
    Remove {
        /// Its id
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// List the people who have signed in
    List,
    /// Lock somebody out: sessions end, and so does everything that acts for it
    Lock {
        /// The subject, as `list` prints it
        id: String,
    },
    /// Let somebody in again
    Unlock {
        /// The subject, as `list` prints it
        id: String,
    },
    /// Take somebody's second factor away, so that it can set up another
    ResetFactor {
        /// The subject, as `list` prints it
        id: String,
    },
    /// End somebody's sessions, and everything that acts for it
    SignOut {
        /// The subject, as `list` prints it
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyAction {
    /// Make a new key; it signs in ten minutes, when everybody knows it
    Rotate {
        /// Let it sign at once, and take no token that was signed before: for a key that somebody else has
        #[arg(long)]
        now: bool,
    },
}

/// Does what was asked for, on the store of the authorization server.
pub(crate) async fn run(mut server: Server, action: Admin) -> Result<()> {
    let auth = crate::authorization::settle(&mut server)
        .await?
        .ok_or_else(|| Error::Config("this server has no authorization server; configure one in `[auth.server]`".to_owned()))?;
    match action {
        Admin::Client(action) => client(&auth, action).await,
        Admin::User(action) => user(&auth, action).await,
        Admin::Key(KeyAction::Rotate { now }) => {
            let name = auth.rotate_key(now).await.map_err(failed)?;
            let when = if now {
                "at once, and where a server runs already within 30 seconds. Tokens of the old keys are refused once it is started anew, and \
                 within ten minutes by itself"
            } else {
                "in ten minutes"
            };
            say(&format!("the key {name} signs {when}"));
            Ok(())
        }
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Config(error.to_string())
}

async fn client(auth: &AuthServer, action: ClientAction) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match action {
        ClientAction::Add { name, redirects, public, scopes, jwks } => {
            let jwks = jwks
                .map(|file| std::fs::read_to_string(&file).map_err(|error| failed(format!("{}: {error}", file.display()))))
                .transpose()?;
            let jwks = jwks
                .map(|text| mcp_core::serde_json::from_str(&text).map_err(|error| failed(format!("the keys are no JSON: {error}"))))
                .transpose()?;
            let scopes = scopes.map(|list| list.split_ascii_whitespace().map(str::to_owned).collect());
            let added = auth.add_client(ClientToAdd { name, redirect_uris: redirects, public, scopes, jwks }).await.map_err(failed)?;
            writeln!(out, "client_id = {}", added.id)?;
            if let Some(secret) = added.secret {
                writeln!(out, "client_secret = {secret}")?;
                say("the secret is not shown again");
            }
        }
        ClientAction::List => {
            let mut last: Option<String> = None;
            loop {
                let page = auth.clients_after(last.as_deref()).await.map_err(failed)?;
                let Some(end) = page.last() else { break };
                last = Some(end.id.clone());
                for client in page {
                    let itself = if client.acts_for_itself { "  [acts for itself]" } else { "" };
                    writeln!(out, "{}  {}  {}  {}{itself}", client.id, client.source, client.name, client.redirect_uris.join(" "))?;
                }
            }
        }
        ClientAction::Remove { id } => known(auth.remove_client(&id).await.map_err(failed)?, "client", &id, "is removed")?,
    }
    Ok(())
}

async fn user(auth: &AuthServer, action: UserAction) -> Result<()> {
    match action {
        UserAction::List => {
            let mut out = std::io::stdout().lock();
            let mut last: Option<String> = None;
            loop {
                let page = auth.users_after(last.as_deref()).await.map_err(failed)?;
                let Some(end) = page.last() else { break };
                last = Some(end.id.clone());
                for user in page {
                    let locked = if user.locked { "  [locked]" } else { "" };
                    let who = user.email.as_deref().unwrap_or(&user.subject);
                    let noun = if user.grants == 1 { "client" } else { "clients" };
                    writeln!(out, "{}  {who}  by {}  {} {noun}{locked}", user.id, user.issuer, user.grants)?;
                }
            }
            Ok(())
        }
        UserAction::Lock { id } => known(auth.lock_user(&id, true).await.map_err(failed)?, "user", &id, "is locked out"),
        UserAction::Unlock { id } => known(auth.lock_user(&id, false).await.map_err(failed)?, "user", &id, "may come in again"),
        UserAction::ResetFactor { id } => known(auth.reset_factor(&id).await.map_err(failed)?, "user", &id, "has no second factor now"),
        UserAction::SignOut { id } => {
            known(auth.end_all_of(&id).await.map_err(failed)?, "user", &id, "is signed out, and nothing acts for it")
        }
    }
}

/// Says what was done, or that there is nothing of that name.
fn known(found: bool, noun: &str, id: &str, done: &str) -> Result<()> {
    if !found {
        return Err(failed(format!("there is no {noun} `{id}`; `auth {noun} list` has the ids")));
    }
    say(&format!("the {noun} `{id}` {done}"));
    Ok(())
}
