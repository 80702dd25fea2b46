//! The connection that everybody shares, and coming back to the upstream when it is gone or not there yet.

use std::sync::{Arc, Weak};
use std::time::Duration;

use mcp_client::{Client, Error};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use crate::connect::Connect;

/// The first and the longest pause between attempts to come back.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// How long a connection has to last not to count as one that was gone at once, and how many of those are made up for without a pause.
const LASTING: Duration = Duration::from_secs(5);
const FREE: u32 = 3;

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
    gone: Gone,
    /// Since when there is this connection, and how many before it were gone at once.
    since: Instant,
    short: u32,
}

/// Why there is no connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gone {
    /// For the log.
    pub(crate) why: Arc<str>,
    /// What callers are told in particular.
    pub(crate) advice: Option<Arc<str>>,
}

impl Reach {
    /// Connects for the first time.
    pub(crate) async fn open(connect: Connect, patience: Duration) -> Result<Arc<Self>, Error> {
        let client = connect.shared().await?;
        Ok(Self::with(connect, patience, Some(client), ""))
    }

    /// Connects for the first time, and waits for so long for an upstream that is not there yet, or that a person has to sign in to. Then
    /// it is tried on, and there is no connection.
    ///
    /// # Errors
    /// When waiting does not help.
    pub(crate) async fn open_within(connect: Connect, patience: Duration, wait: Duration) -> Result<Arc<Self>, Error> {
        let deadline = Instant::now() + wait;
        let (mut why, mut pause) = ("it has not answered, or somebody has to sign in first".to_owned(), PAUSES.0);
        while let Ok(opened) = timeout_at(deadline, connect.shared()).await {
            match opened {
                Ok(client) => return Ok(Self::with(connect, patience, Some(client), "")),
                Err(error) if passes(&error) => why = error.to_string(),
                Err(error) => return Err(error),
            }
            if timeout_at(deadline, sleep(pause)).await.is_err() {
                break;
            }
            pause = (pause * 2).min(PAUSES.1);
        }
        let reach = Self::with(connect, patience, None, &why);
        tokio::spawn(come(Arc::downgrade(&reach)));
        Ok(reach)
    }

    fn with(connect: Connect, patience: Duration, client: Option<Client>, why: &str) -> Arc<Self> {
        let connected = client.map(|client| Connected { client, number: 1 });
        let number = u64::from(connected.is_some());
        let state = State { connected, number, gone: Gone { why: why.into(), advice: None }, since: Instant::now(), short: 0 };
        Arc::new(Self { connect, state: watch::Sender::new(state), patience })
    }

    /// The connection; waits for it where it is gone.
    ///
    /// # Errors
    /// Says why the upstream cannot be reached, when it did not come back in time.
    pub(crate) async fn connected(self: &Arc<Self>) -> Result<Connected, Gone> {
        let deadline = Instant::now() + self.patience;
        let mut states = self.state.subscribe();
        loop {
            let state = states.borrow_and_update().clone();
            match state.connected {
                Some(connected) if !connected.client.is_closed() => return Ok(connected),
                Some(connected) => self.lost(connected.number, "it ended"),
                None => match timeout_at(deadline, states.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return Err(state.gone),
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
                state.gone = Gone { why: why.into(), advice: None };
                state.short = if state.since.elapsed() < LASTING { state.short.saturating_add(1) } else { 0 };
            }
            is_current
        });
        if gone {
            tracing::warn!(why, "the upstream server is gone; it is tried again until it is back");
            tokio::spawn(come(Arc::downgrade(self)));
        }
    }

    /// How it is now, if it is not connected.
    pub(crate) fn gone(&self) -> Option<Gone> {
        let state = self.state.borrow();
        state.connected.is_none().then(|| state.gone.clone())
    }

    fn failed(&self, error: &Error) {
        let gone = Gone { why: error.to_string().into(), advice: self.connect.advice(error).map(Into::into) };
        self.state.send_modify(|state| {
            if state.gone.why != gone.why {
                tracing::warn!(why = %gone.why, "the upstream server cannot be reached");
            }
            state.gone = gone;
        });
    }

    fn back(&self, client: Client) {
        tracing::info!("the upstream server is back");
        self.state.send_modify(|state| {
            state.number += 1;
            state.since = Instant::now();
            state.connected = Some(Connected { client, number: state.number });
        });
    }

    /// Ends the connection in good order, and does not come back.
    pub(crate) async fn close(&self) {
        let mut last = None;
        self.state.send_modify(|state| last = state.connected.take());
        if let Some(connected) = last {
            connected.client.close().await;
        }
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

/// Tries to connect until it is done, or until nobody wants to any more.
async fn come(reach: Weak<Reach>) {
    let mut pause = PAUSES.0;
    let short = reach.upgrade().map_or(0, |reach| reach.state.borrow().short);
    if short > FREE {
        // What ends as soon as it has started is not started again and again.
        sleep((pause * 2_u32.saturating_pow(short - FREE)).min(PAUSES.1)).await;
    }
    loop {
        let Some(reach) = reach.upgrade() else { return };
        match reach.connect.shared().await {
            Ok(client) => return reach.back(client),
            Err(error) => reach.failed(&error),
        }
        drop(reach);
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Whether an upstream that cannot be reached for this reason may be there soon.
pub(crate) fn passes(error: &Error) -> bool {
    match error {
        Error::Refused { status, .. } => *status >= 500 || matches!(status, 408 | 425 | 429),
        error => error.is_disconnection() || matches!(error, Error::Timeout(_)),
    }
}
