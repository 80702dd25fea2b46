//! A server that can be stopped and started again at the same address, with what it keeps.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use mcp_auth::server::MasterKey;
use mcp_parity::store::Memory;
use mcp_testkit::VirtualClock;
use mcp_tests::authorized::Authorized;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

/// A server that at first asks for no more than `mcp:read`, and its URL.
pub(crate) async fn site() -> (Authorized, String) {
    let site = Authorized::with(|builder| builder.baseline_scopes(["mcp:read"])).await;
    let url = format!("{}/mcp", site.url);
    (site, url)
}

/// How many times something was recorded.
pub(crate) fn count(site: &Authorized, operation: &str) -> usize {
    site.records().iter().filter(|line| line.contains(operation)).count()
}

/// What outlives a process.
#[derive(Clone)]
pub(crate) struct Kept {
    store: Arc<Memory>,
    key: String,
    clock: VirtualClock,
}

/// A server in a runtime of its own, all of which ends with it.
pub(crate) struct Stoppable {
    pub(crate) site: Authorized,
    runtime: Option<Runtime>,
    kept: Kept,
}

impl Stoppable {
    pub(crate) async fn start() -> Self {
        let clock = VirtualClock::new();
        clock.set(SystemTime::now());
        let kept = Kept { store: Arc::new(Memory::new()), key: MasterKey::generate().expose(), clock };
        Self::at(([127, 0, 0, 1], 0).into(), kept).await
    }

    pub(crate) async fn at(address: SocketAddr, kept: Kept) -> Self {
        let runtime = Runtime::new().expect("there are threads");
        let (store, clock) = (kept.store.clone(), kept.clock.clone());
        let key = MasterKey::parse(&kept.key).expect("it was made");
        // Not in the test's own runtime, from which no other can be entered.
        spawn_blocking(move || {
            let site = runtime.block_on(async {
                let socket = TcpListener::bind(address).await.expect("the address is free");
                Authorized::at(socket, store, key, clock, |builder| builder.baseline_scopes(["mcp:read"])).await
            });
            Self { site, runtime: Some(runtime), kept }
        })
        .await
        .expect("it starts")
    }

    /// Ends it, as a process ends: connections break.
    pub(crate) fn stop(self) -> (SocketAddr, Kept) {
        (self.site.address, self.kept.clone())
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        // On a thread that may wait until all connections are closed, as they are when a process has ended.
        let Some(runtime) = self.runtime.take() else { return };
        let _ = std::thread::spawn(move || runtime.shutdown_timeout(std::time::Duration::from_secs(10))).join();
    }
}
