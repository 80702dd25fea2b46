//! Which connection a call is made on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mcp_client::{Client, Error, Offers};
use mcp_core::{Context, LogLevel};
use tokio::time::{Instant, sleep};

use crate::ask;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::identity::Identity;
use crate::reach::{Connected, Reach};
use crate::ticket::{Refused, Ticket, Tickets};

/// How long a call waits for a connection where all are in use, and how often it looks for one.
const ROOM: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);
/// How often idle connections are looked for.
const SWEEP: Duration = Duration::from_secs(10);

/// The connections that callers have of their own.
pub(crate) struct Leases {
    reach: Arc<Reach>,
    identity: Option<Identity>,
    places: Mutex<HashMap<String, Arc<Place>>>,
    tickets: Tickets,
    idle: Duration,
}

/// The connections of one caller.
#[derive(Default)]
struct Place(tokio::sync::Mutex<Vec<Arc<Seat>>>);

/// A connection that one caller has.
pub(crate) struct Seat {
    client: Client,
    desk: Arc<Desk>,
    running: AtomicUsize,
    since: Mutex<Instant>,
    level: Mutex<Option<LogLevel>>,
    /// Given back when the connection ends.
    ticket: Ticket,
}

impl Seat {
    fn is_idle(&self) -> bool {
        self.running.load(Ordering::Acquire) == 0
    }
}

/// A connection to make a call on.
pub(crate) struct Lease {
    /// The one that everybody shares.
    shared: Connected,
    /// One of the caller's own.
    pub(crate) own: Option<Sitting>,
}

/// A call on a connection of its caller.
pub(crate) struct Sitting(Arc<Seat>);

impl Sitting {
    fn new(seat: &Arc<Seat>) -> Self {
        seat.running.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(seat))
    }

    pub(crate) fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }
}

impl Drop for Sitting {
    fn drop(&mut self) {
        *lock(&self.0.since) = Instant::now();
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lease {
    pub(crate) fn client(&self) -> &Client {
        self.own.as_ref().map_or(&self.shared.client, |sitting| &sitting.0.client)
    }

    /// How the connection is known that is tried again when the upstream is gone.
    pub(crate) fn number(&self) -> u64 {
        self.shared.number
    }
}

impl Leases {
    pub(crate) fn new(reach: Arc<Reach>, identity: Option<Identity>, tickets: Tickets, idle: Duration) -> Arc<Self> {
        let leases = Arc::new(Self { reach, identity, places: Mutex::default(), tickets, idle });
        tokio::spawn(sweep(Arc::downgrade(&leases)));
        leases
    }

    /// The connection to make a call on.
    ///
    /// # Errors
    /// When the upstream is gone, or too many callers have connections.
    pub(crate) async fn lease(&self, cx: &Context) -> Result<Lease, Failure> {
        let connected = self.reach.connected().await.map_err(Failure::Gone)?;
        let modern = connected.client.revision().is_modern();
        let (key, alone) = match (modern, self.reach.connect.is_url()) {
            // On a pipe nothing says whose a log message is, and it may come after the answer: whoever wants to hear them has a connection of their own.
            (true, false) if cx.log_level().is_some() => (format!("log {}", cx.caller_key()), true),
            (true, _) => return Ok(Lease { shared: connected, own: None }),
            (false, _) => {
                let offers = ask::offers(cx);
                (format!("{}{offers:?}", cx.caller_key()), !cx.has_session() && offers != Offers::NONE)
            }
        };
        let place = Arc::clone(lock(&self.places).entry(key).or_default());
        let mut seats = place.0.lock().await;
        seats.retain(|seat| !seat.client.is_closed());
        let fits = |seat: &&Arc<Seat>| !alone || seat.is_idle();
        let sitting = match seats.iter().find(fits) {
            Some(seat) => Sitting::new(seat),
            None => {
                let seat = Box::pin(self.seat(cx)).await?;
                seats.push(Arc::clone(&seat));
                Sitting::new(&seat)
            }
        };
        drop(seats);
        if !modern {
            set_level(&sitting.0, cx.log_level()).await;
        }
        Ok(Lease { shared: connected, own: Some(sitting) })
    }

    /// Tells the upstream on the connections of a caller that its roots have changed.
    pub(crate) async fn roots_changed(&self, caller: &str) {
        let places: Vec<Arc<Place>> =
            lock(&self.places).iter().filter(|(key, _)| key.starts_with(caller)).map(|(_, place)| Arc::clone(place)).collect();
        for place in places {
            let seats = place.0.lock().await.clone();
            for seat in seats {
                if let Err(error) = seat.client.roots_changed().await {
                    tracing::debug!(%error, "the upstream server could not be told that roots have changed");
                }
            }
        }
    }

    async fn seat(&self, cx: &Context) -> Result<Arc<Seat>, Failure> {
        // Held while the connection opens, too: whoever leaves meanwhile gives it back.
        let ticket = self.ticket(&cx.principal_key()).await?;
        let desk = Arc::new(Desk::new(ask::offers(cx), cx.has_session()));
        let headers = self.identity.as_ref().map(|identity| identity.headers(cx.principal())).unwrap_or_default();
        let client = self.reach.connect.on_behalf(Arc::clone(&desk) as _, &headers).await?;
        Ok(Arc::new(Seat {
            client,
            desk,
            running: AtomicUsize::new(0),
            since: Mutex::new(Instant::now()),
            level: Mutex::default(),
            ticket,
        }))
    }

    /// A ticket, for which the connection that was idle for longest makes room if need be: any, or one of the caller's own if it has its share. Waits a while
    /// where all are in use.
    async fn ticket(&self, owner: &str) -> Result<Ticket, Failure> {
        let deadline = Instant::now() + ROOM;
        loop {
            let refused = match self.tickets.take(owner) {
                Ok(ticket) => return Ok(ticket),
                Err(refused) => refused,
            };
            let idle = match refused {
                Refused::Full => self.longest_idle(|_| true),
                Refused::Share(_) => self.longest_idle(|ticket| ticket.owner() == owner),
            };
            match (idle, refused) {
                // A process counts until it has ended.
                (Some(seat), _) => seat.client.clone().close().await,
                (None, _) if Instant::now() < deadline => sleep(PAUSE).await,
                (None, Refused::Full) => return Err(Failure::Full),
                (None, Refused::Share(most)) => return Err(Failure::Share(most)),
            }
        }
    }

    /// Takes the connection among these that nobody has used for longest, if there is one.
    fn longest_idle(&self, among: impl Fn(&Ticket) -> bool) -> Option<Arc<Seat>> {
        let places: Vec<Arc<Place>> = lock(&self.places).values().cloned().collect();
        let mut longest = None;
        for place in &places {
            // Who holds the lock is about to use what is there.
            let Ok(seats) = place.0.try_lock() else { continue };
            let idle = seats
                .iter()
                .enumerate()
                .filter(|(_, seat)| seat.is_idle() && among(&seat.ticket))
                .map(|(at, seat)| (*lock(&seat.since), at));
            if let Some((since, at)) = idle.min()
                && longest.as_ref().is_none_or(|(longest, ..): &(Instant, _, _)| since < *longest)
            {
                longest = Some((since, seats, at));
            }
        }
        longest.map(|(_, mut seats, at)| seats.swap_remove(at))
    }

    /// Takes note that a connection is gone. The end of one caller's process is nobody else's, and a server that listens is there as long as it can be
    /// connected to: a call that broke says nothing of others.
    pub(crate) fn lost(&self, number: u64, own: bool, error: &Error) {
        let is_gone = if self.reach.connect.is_url() { error.is_unsent() } else { !own };
        if is_gone {
            self.reach.lost(number, &error.to_string());
        }
    }

    /// Ends all connections in good order.
    pub(crate) async fn close(&self) {
        let places: Vec<Arc<Place>> = lock(&self.places).drain().map(|(_, place)| place).collect();
        let mut closing = tokio::task::JoinSet::new();
        for place in places {
            for seat in std::mem::take(&mut *place.0.lock().await) {
                closing.spawn(async move { seat.client.clone().close().await });
            }
        }
        closing.join_all().await;
    }

    async fn end_idle(&self) {
        let places: Vec<(String, Arc<Place>)> = lock(&self.places).iter().map(|(key, place)| (key.clone(), Arc::clone(place))).collect();
        for (key, place) in places {
            let mut ended = Vec::new();
            {
                let Ok(mut seats) = place.0.try_lock() else { continue };
                seats.retain(|seat| {
                    let idle = seat.is_idle() && lock(&seat.since).elapsed() >= self.idle;
                    let over = idle || seat.client.is_closed();
                    if over {
                        ended.push(Arc::clone(seat));
                    }
                    !over
                });
                if seats.is_empty() {
                    let mut places = lock(&self.places);
                    // Somebody may have it in hand already and be about to wait for it.
                    if places.get(&key).is_some_and(|known| Arc::strong_count(known) <= 2) {
                        places.remove(&key);
                    }
                }
            }
            for seat in ended {
                seat.client.clone().close().await;
            }
        }
    }
}

/// Asks for the log messages that the caller wants, where sessions are told once.
async fn set_level(seat: &Seat, level: Option<LogLevel>) {
    let Some(level) = level.filter(|_| seat.client.server().can("logging")) else { return };
    if lock(&seat.level).replace(level) == Some(level) {
        return;
    }
    if let Err(error) = seat.client.request("logging/setLevel", &serde_json::json!({"level": level})).await {
        tracing::debug!(%error, "the upstream server does not take a log level");
    }
}

async fn sweep(leases: Weak<Leases>) {
    loop {
        sleep(SWEEP).await;
        match leases.upgrade() {
            Some(leases) => leases.end_idle().await,
            None => return,
        }
    }
}
