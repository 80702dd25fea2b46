//! Signing in to servers that want it: OAuth 2.1 as MCP profiles it (2026-07-28, basic/authorization, and earlier revisions).
//!
//! [`OAuth`] is [`Credentials`](crate::Credentials): it is asked by the transports, and signs in when a server says that
//! it has to. A person signs in in a browser ([`OAuth::person`]); a program is let in by its secret, its key or the
//! assertion of its platform ([`OAuth::program`], [`OAuth::workload`], [`OAuth::enterprise`]).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use mcp_client::Client;
//! use mcp_client::oauth::{OAuth, SystemBrowser};
//!
//! # async fn example() -> mcp_client::Result<()> {
//! let oauth = OAuth::person(SystemBrowser::default()).name("My program").build();
//! let client = Client::builder().credentials(Arc::new(oauth)).connect("https://mcp.example.com/mcp").await?;
//! # Ok(())
//! # }
//! ```

mod asking;
mod assertion;
mod authorize;
mod browser;
mod builder;
mod client;
mod discovery;
mod dpop;
mod error;
mod fetch;
mod flow;
mod jwt;
mod login;
mod look_up;
mod loopback;
mod metadata;
mod person;
mod program;
mod random;
mod reach;
mod register;
mod renew;
mod resource;
mod scope;
mod session;
mod sign_out;
mod standing;
mod store;
mod token;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use browser::{Browser, Headless, ShowUrl, SystemBrowser};
pub use builder::OAuthBuilder;
pub use client::{Client, ClientAuth};
pub use error::OAuthError;
pub use fetch::{Fetch, Web};
pub use jwt::SigningKey;
pub use login::Login;
pub use look_up::LookUp;
pub use program::{Assertion, AssertionFile, EnterpriseLogin};
pub use standing::Standing;
pub use store::{FileStore, Guard, MemoryStore, TokenStore};
pub use token::Tokens;

use program::Program;
use register::Identity;
use session::Session;

/// Signs in to MCP servers, and stays signed in. One serves any number of servers and connections.
pub struct OAuth {
    identity: Identity,
    way: Way,
    store: Arc<dyn TokenStore>,
    fetch: Arc<dyn Fetch>,
    /// The scopes to begin with, in place of those that the server lists.
    scopes: Vec<String>,
    redirect_uri: Option<String>,
    /// How long a person may take.
    patience: Duration,
    /// Whether the person is asked although somebody else asks already.
    at_once: bool,
    /// Whether a person who did not sign in for somebody else is not asked once more.
    follows: bool,
    /// What is known of each server, by its URL.
    sessions: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Session>>>>,
}

/// Who signs in.
enum Way {
    Person(Arc<dyn Browser>),
    Program(Program),
}

impl std::fmt::Debug for OAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuth").field("name", &self.identity.name).finish_non_exhaustive()
    }
}
