//! A browser that signs in, for tests.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use mcp_store::Memory;
use serde_json::Value;

use super::{Identity, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep, LoginView};
use crate::server::MasterKey;
use crate::server::db::Db;
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
    (time, Db::new(Arc::new(Memory::new()), MasterKey::generate().derive(), clock))
}

/// A server to attach a method to, and its time.
pub(crate) fn host(fetcher: Arc<dyn Fetch>) -> (Arc<AtomicU64>, LoginHost) {
    let (time, clock) = fakes::clock(START);
    let db = Db::new(Arc::new(Memory::new()), MasterKey::generate().derive(), clock.clone());
    (time, LoginHost::new(db, fetcher, clock, "Example"))
}
