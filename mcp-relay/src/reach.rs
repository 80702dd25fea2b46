//! The connection that everybody shares, and coming back to the upstream when it is gone.

use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Client, Error};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use crate::connect::Connect;

/// The first and the longest pause between attempts to come back.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The connection that everybody shares.
pub(crate) struct Reach {
    pub(crate) connect: Connect,
    state: watch::Sender<State>,
    /// How long a call waits for the upstream to come back.
    patience: Duration,
}

/// A connection, and the how-manieth it is.
#[derive(Clone)]
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) number: u64,
}

#[derive(Clone)]
struct State {
    connected: Option<Connected>,
    number: u64,
    why: Arc<str>,
}

impl Reach {
    /// Connects for the first time.
    pub(crate) async fn open(connect: Connect, patience: Duration) -> Result<Arc<Self>, Error> {
        let client = connect.shared().await?;
        let state = State { connected: Some(Connected { client, number: 1 }), number: 1, why: "".into() };
        Ok(Arc::new(Self { connect, state: watch::Sender::new(state), patience }))
    }

    /// The connection; waits for it where it is gone.
    ///
    /// # Errors
    /// Says why the upstream cannot be reached, when it did not come back in time.
    pub(crate) async fn connected(self: &Arc<Self>) -> Result<Connected, Arc<str>> {
        let deadline = Instant::now() + self.patience;
        let mut states = self.state.subscribe();
        loop {
            let state = states.borrow_and_update().clone();
            match state.connected {
                Some(connected) if !connected.client.is_closed() => return Ok(connected),
                Some(connected) => self.lost(connected.number, "it ended"),
                None => match timeout_at(deadline, states.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return Err(state.why),
                },
            }
        }
    }

    /// Takes note that a connection is gone, and begins to come back.
    pub(crate) fn lost(self: &Arc<Self>, number: u64, why: &str) {
        let gone = self.state.send_if_modified(|state| {
            let is_current = state.connected.as_ref().is_some_and(|connected| connected.number == number);
            if is_current {
                state.connected = None;
                state.why = why.into();
            }
            is_current
        });
        if gone {
            tracing::warn!(why, "the upstream server is gone; it is tried again until it is back");
            let reach = Arc::downgrade(self);
            tokio::spawn(async move {
                let mut pause = PAUSES.0;
                loop {
                    let Some(reach) = reach.upgrade() else { return };
                    match reach.connect.shared().await {
                        Ok(client) => return reach.back(client),
                        Err(error) => reach.state.send_modify(|state| state.why = error.to_string().into()),
                    }
                    drop(reach);
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
            });
        }
    }

    fn back(&self, client: Client) {
        tracing::info!("the upstream server is back");
        self.state.send_modify(|state| {
            state.number += 1;
            state.connected = Some(Connected { client, number: state.number });
        });
    }

    /// Waits until there is another connection than this one.
    pub(crate) async fn after(&self, number: u64) -> Connected {
        let mut states = self.state.subscribe();
        let state = states.wait_for(|state| state.connected.as_ref().is_some_and(|connected| connected.number > number)).await;
        match state.ok().and_then(|state| state.connected.clone()) {
            Some(connected) => connected,
            None => std::future::pending().await,
        }
    }
}
