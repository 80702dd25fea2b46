//! A browser that signs in, for tests.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use async_trait::async_trait;
use mcp_store::{Applied, Change, Index, Key, Memory, Page, Record, Store, StoreError, Time};
use serde_json::Value;

use super::{Identity, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep, LoginView};
use crate::server::MasterKey;
use crate::server::db::Db;
use crate::server::record::Records;
use crate::{Clock, Fetch, fakes};

pub(crate) const START: u64 = 1_700_000_000;

/// One sign-in of one browser.
pub(crate) struct Browser {
    pub(crate) state: Value,
    pub(crate) flow: String,
    pub(crate) address: Option<IpAddr>,
    pub(crate) client_name: &'static str,
    pub(crate) clock: Clock,
}

impl Browser {
    pub(crate) fn new() -> Self {
        let flow = crate::server::secrets::new_id();
        Self { state: Value::Null, flow, address: None, client_name: "Claude", clock: Clock::default() }
    }

    pub(crate) async fn step(&mut self, method: &dyn LoginMethod, step: LoginStep<'_>) -> Result<LoginNext, LoginError> {
        let mut cx = LoginContext {
            state: &mut self.state,
            flow: &self.flow,
            callback_url: "https://mcp.example.com/login/test/callback",
            public_url: "https://mcp.example.com",
            client_name: self.client_name,
            address: self.address,
            clock: &self.clock,
        };
        method.step(&mut cx, step).await
    }

    pub(crate) async fn view(&mut self, method: &dyn LoginMethod, step: LoginStep<'_>) -> LoginView {
        match self.step(method, step).await {
            Ok(LoginNext::Show(view)) => view,
            other => panic!("no page: {other:?}"),
        }
    }

    pub(crate) async fn done(&mut self, method: &dyn LoginMethod, step: LoginStep<'_>) -> Identity {
        match self.step(method, step).await {
            Ok(LoginNext::Done(identity)) => identity,
            other => panic!("nobody: {other:?}"),
        }
    }
}

/// A database in memory, and the time in seconds by which it goes.
pub(crate) fn db() -> (Arc<AtomicU64>, Db) {
    let (time, clock) = fakes::clock(START);
    (time, Db::new(Arc::new(Patient(Memory::new())), MasterKey::generate().derive(), clock))
}

/// A server to attach a method to, and its time.
pub(crate) fn host(fetcher: Arc<dyn Fetch>) -> (Arc<AtomicU64>, LoginHost) {
    let (time, clock) = fakes::clock(START);
    let db = Db::new(Arc::new(Patient(Memory::new())), MasterKey::generate().derive(), clock.clone());
    let records = Arc::new(Records::new("https://mcp.example.com", clock.clone(), Vec::new()));
    (time, LoginHost::new(db, fetcher, clock, "Example", records))
}

/// A store that lets everybody else go first, so that what is done at once is done at once: all have read before the first one writes.
struct Patient(Memory);

#[async_trait]
impl Store for Patient {
    async fn get(&self, key: &Key, now: Time) -> Result<Option<Record>, StoreError> {
        tokio::task::yield_now().await;
        self.0.get(key, now).await
    }

    async fn apply(&self, changes: Vec<Change>, now: Time) -> Result<Applied, StoreError> {
        tokio::task::yield_now().await;
        self.0.apply(changes, now).await
    }

    async fn list(&self, by: Index<'_>, page: Page, now: Time) -> Result<Vec<Record>, StoreError> {
        self.0.list(by, page, now).await
    }

    async fn purge(&self, by: Index<'_>) -> Result<u64, StoreError> {
        self.0.purge(by).await
    }

    async fn count(&self, key: &Key, by: u64, ttl: Duration, now: Time) -> Result<u64, StoreError> {
        tokio::task::yield_now().await;
        self.0.count(key, by, ttl, now).await
    }

    async fn sweep(&self, now: Time, max: u64) -> Result<u64, StoreError> {
        self.0.sweep(now, max).await
    }
}
