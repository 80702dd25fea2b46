//! Logins that end with the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Guard, TokenStore};
use crate::oauth::error::Result;
use crate::oauth::login::Login;

/// Logins that end with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    servers: Mutex<HashMap<String, Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    logins: Vec<Login>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl MemoryStore {
    fn with<T>(&self, server: &str, work: impl FnOnce(&mut Kept) -> T) -> T {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        work(servers.entry(server.to_owned()).or_default())
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self, server: &str) -> Result<Vec<Login>> {
        Ok(self.with(server, |kept| kept.logins.clone()))
    }

    async fn lock(&self, server: &str) -> Result<Guard> {
        let lock = self.with(server, |kept| Arc::clone(&kept.lock));
        Ok(Guard::new(server, lock.lock_owned().await))
    }

    async fn save(&self, guard: &Guard, logins: &[Login]) -> Result<()> {
        self.with(guard.server(), |kept| kept.logins = logins.to_vec());
        Ok(())
    }
}
