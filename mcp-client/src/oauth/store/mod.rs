//! Where logins are kept.

mod disk;
mod file;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;

use std::any::Any;
use std::fmt;

use async_trait::async_trait;

pub use file::FileStore;
pub use memory::MemoryStore;

use super::error::Result;
use super::login::Login;

/// Most logins that are kept of one server: with other clients, or of authorization servers that it used to have.
pub(crate) const MOST: usize = 8;

/// Where logins are kept, by the URL of the MCP server; of one server, by authorization server, resource and client id.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The logins of a server, the latest first.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn load(&self, server: &str) -> Result<Vec<Login>>;

    /// Waits until nobody else, in this process or another, changes the logins of a server, and keeps others from doing so
    /// while the guard lives.
    ///
    /// # Errors
    /// When that cannot be had.
    async fn lock(&self, server: &str) -> Result<Guard>;

    /// Puts these logins in place of all that were kept of the guard's server. They are there for good when this returns.
    ///
    /// # Errors
    /// When they cannot be written. What was there before is there still.
    async fn save(&self, guard: &Guard, logins: &[Login]) -> Result<()>;
}

/// The right to change the logins of a server.
pub struct Guard {
    server: String,
    _held: Box<dyn Any + Send + Sync>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Guard {
    /// A guard that gives back the right by dropping `held`.
    pub fn new(server: &str, held: impl Any + Send + Sync) -> Self {
        Self { server: server.to_owned(), _held: Box::new(held) }
    }

    /// The server whose logins may be changed.
    pub fn server(&self) -> &str {
        &self.server
    }
}

/// Puts a login first, in place of the one it follows.
pub(crate) async fn put(store: &dyn TokenStore, guard: &Guard, login: &Login) -> Result<()> {
    let mut logins = store.load(guard.server()).await?;
    logins.retain(|other| !other.is_same(login));
    logins.insert(0, login.clone());
    logins.truncate(MOST);
    store.save(guard, &logins).await
}
