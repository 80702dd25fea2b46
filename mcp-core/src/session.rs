//! Sessions of the legacy revisions: a sealed token, and a table for the few that need one.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::access::Principal;
use crate::protocol::capabilities::ClientCapabilities;
use crate::protocol::log_level::LogLevel;
use crate::protocol::revision::Revision;
use crate::seal::{NONCE, Purpose, Sealer, random};

/// What tells one session from another: the nonce of its token.
pub(crate) type SessionId = [u8; NONCE];

/// Most sessions that subscribe or set a log level at once; the oldest makes room.
const MAX_ENTRIES: usize = 10_000;
/// Most sessions that were ended and are remembered. A session whose end is forgotten could be used again, by its owner.
const MAX_REVOKED: usize = 100_000;
/// Most bytes of all URIs that are subscribed to.
const MAX_SUBSCRIBED_BYTES: usize = 64 * 1_024 * 1_024;
/// Most resources one session may subscribe to.
const MAX_SUBSCRIPTIONS: usize = 1_000;

/// A session as its client opened it. All of it is in the token.
#[derive(Debug)]
pub(crate) struct Session {
    id: SessionId,
    pub(crate) revision: Revision,
    pub(crate) capabilities: ClientCapabilities,
    binding: Arc<str>,
    opened: u64,
}

impl Session {
    pub(crate) fn open(revision: Revision, capabilities: ClientCapabilities, principal: &Principal, now: u64) -> Self {
        Self { id: random(), revision, capabilities, binding: principal.binding(), opened: now }
    }

    pub(crate) fn id(&self) -> SessionId {
        self.id
    }

    /// What its calls share, and those of no other session.
    pub(crate) fn caller_key(&self) -> String {
        format!("s{:?}", self.id)
    }

    /// What ties it to whoever opened it.
    pub(crate) fn binding(&self) -> Arc<str> {
        Arc::clone(&self.binding)
    }

    /// Whether the session was opened by this caller.
    pub(crate) fn belongs_to(&self, principal: &Principal) -> bool {
        self.binding == principal.binding()
    }

    /// The session id the client is given. It is part of every request, so it is kept short: what
    /// is sealed has a fixed layout, and the caller is bound to it without being in it.
    pub(crate) fn seal(&self, sealer: &Sealer) -> String {
        let mut text = [0; SEALED];
        text[0] = self.revision.index() as u8;
        text[1..3].copy_from_slice(&self.capabilities.bits().to_be_bytes());
        text[3..].copy_from_slice(&self.opened.to_be_bytes());
        sealer.seal_as(self.id, Purpose::Session, self.binding.as_bytes(), &text)
    }

    fn unseal(sealer: &Sealer, token: &str, binding: Arc<str>) -> Option<Self> {
        let (id, text) = sealer.open_named(Purpose::Session, binding.as_bytes(), token)?;
        let text: [u8; SEALED] = text.try_into().ok()?;
        let [revision, high, low, opened @ ..] = text;
        Some(Self {
            id,
            revision: *Revision::ALL.get(usize::from(revision))?,
            capabilities: ClientCapabilities::from_bits(u16::from_be_bytes([high, low])),
            binding,
            opened: u64::from_be_bytes(opened),
        })
    }
}

/// How many bytes of a session are sealed: its revision, the client's capabilities, the second it was opened.
const SEALED: usize = 1 + 2 + 8;

/// What the server has to remember of sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    sealer: Sealer,
    max_age: Duration,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<SessionId, Entry>,
    revoked: HashMap<SessionId, u64>,
    subscribed_bytes: usize,
    /// Sessions unsealed lately, so that a busy one is not unsealed for every message.
    recent: HashMap<Box<str>, Arc<Session>>,
}

impl Table {
    /// Whether so many bytes are too many: in all, or for a caller who has an eighth of them when few are left for others.
    fn has_no_room(&self, owner: &str, bytes: usize) -> bool {
        let all = self.subscribed_bytes + bytes;
        all > MAX_SUBSCRIBED_BYTES
            || (all > MAX_SUBSCRIBED_BYTES / 2 && {
                let own = self.entries.values().filter(|entry| *entry.owner == *owner);
                own.flat_map(|entry| &entry.subscriptions).map(String::len).sum::<usize>() + bytes > MAX_SUBSCRIBED_BYTES / 8
            })
    }

    /// The oldest session of the caller who has most, so that nobody else pays for them.
    fn oldest_of_most(&self) -> Option<SessionId> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for entry in self.entries.values() {
            *counts.entry(&entry.owner).or_default() += 1;
        }
        let (owner, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let own = self.entries.iter().filter(|(_, entry)| *entry.owner == *owner);
        own.min_by_key(|(_, entry)| entry.opened).map(|(id, _)| *id)
    }

    fn forget(&mut self, id: &SessionId) {
        if let Some(entry) = self.entries.remove(id) {
            self.subscribed_bytes -= entry.subscriptions.iter().map(String::len).sum::<usize>();
        }
    }
}

/// How many unsealed sessions are kept.
const MAX_RECENT: usize = 1_024;

#[derive(Debug)]
struct Entry {
    owner: Arc<str>,
    opened: u64,
    log_level: Option<LogLevel>,
    subscriptions: BTreeSet<String>,
}

/// Too many sessions or subscriptions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full(pub(crate) &'static str);

impl Sessions {
    pub(crate) fn new(sealer: Sealer, max_age: Duration) -> Self {
        Self { sealer, max_age, table: Mutex::default() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn seal(&self, session: &Session) -> String {
        session.seal(&self.sealer)
    }

    /// The session with this id, if it is one of ours, not too old, not revoked, and the caller's own.
    pub(crate) fn find(&self, token: &str, principal: &Principal, now: u64) -> Option<Arc<Session>> {
        let mut table = self.table();
        let session = match table.recent.get(token) {
            Some(session) => Arc::clone(session),
            None => {
                let session = Arc::new(Session::unseal(&self.sealer, token, principal.binding())?);
                if table.recent.len() >= MAX_RECENT {
                    table.recent.clear();
                }
                table.recent.insert(token.into(), Arc::clone(&session));
                session
            }
        };
        let valid = session.belongs_to(principal)
            && now.saturating_sub(session.opened) <= self.max_age.as_secs()
            && !table.revoked.contains_key(&session.id);
        valid.then_some(session)
    }

    /// Ends a session; its id is not found again.
    pub(crate) fn revoke(&self, session: &Session, now: u64) {
        let mut table = self.table();
        table.forget(&session.id);
        if table.revoked.len() >= MAX_REVOKED {
            let max_age = self.max_age.as_secs();
            table.revoked.retain(|_, opened| now.saturating_sub(*opened) <= max_age);
        }
        if table.revoked.len() >= MAX_REVOKED
            && let Some(oldest) = table.revoked.iter().min_by_key(|(_, opened)| **opened).map(|(id, _)| *id)
        {
            table.revoked.remove(&oldest);
        }
        table.revoked.insert(session.id, session.opened);
    }

    pub(crate) fn is_revoked(&self, session: &Session) -> bool {
        self.table().revoked.contains_key(&session.id)
    }

    fn change<T>(&self, session: &Session, now: u64, change: impl FnOnce(&mut Entry) -> Result<T, Full>) -> Result<T, Full> {
        let mut table = self.table();
        if !table.entries.contains_key(&session.id) {
            if table.entries.len() >= MAX_ENTRIES {
                let max_age = self.max_age.as_secs();
                let old: Vec<_> =
                    table.entries.iter().filter(|(_, entry)| now.saturating_sub(entry.opened) > max_age).map(|(id, _)| *id).collect();
                for id in old {
                    table.forget(&id);
                }
            }
            if table.entries.len() >= MAX_ENTRIES
                && let Some(oldest) = table.oldest_of_most()
            {
                table.forget(&oldest);
            }
        }
        let entry = table.entries.entry(session.id).or_insert_with(|| Entry {
            owner: session.binding(),
            opened: session.opened,
            log_level: None,
            subscriptions: BTreeSet::new(),
        });
        change(entry)
    }

    pub(crate) fn set_log_level(&self, session: &Session, level: LogLevel, now: u64) -> Result<(), Full> {
        self.change(session, now, |entry| {
            entry.log_level = Some(level);
            Ok(())
        })
    }

    pub(crate) fn log_level(&self, session: &Session) -> Option<LogLevel> {
        self.table().entries.get(&session.id)?.log_level
    }

    pub(crate) fn subscribe(&self, session: &Session, uri: &str, now: u64) -> Result<(), Full> {
        if self.table().has_no_room(&session.binding, uri.len()) {
            return Err(Full("the server remembers too many subscriptions; try again later"));
        }
        let added = self.change(session, now, |entry| {
            if entry.subscriptions.len() >= MAX_SUBSCRIPTIONS && !entry.subscriptions.contains(uri) {
                return Err(Full("the session subscribes to too many resources; unsubscribe from some"));
            }
            Ok(entry.subscriptions.insert(uri.to_owned()))
        })?;
        if added {
            self.table().subscribed_bytes += uri.len();
        }
        Ok(())
    }

    pub(crate) fn unsubscribe(&self, session: &Session, uri: &str) {
        let mut table = self.table();
        if table.entries.get_mut(&session.id).is_some_and(|entry| entry.subscriptions.remove(uri)) {
            table.subscribed_bytes -= uri.len();
        }
    }

    pub(crate) fn subscriptions(&self, session: &Session) -> BTreeSet<String> {
        self.table().entries.get(&session.id).map(|entry| entry.subscriptions.clone()).unwrap_or_default()
    }

    pub(crate) fn subscribes(&self, session: &Session, uri: &str) -> bool {
        self.table().entries.get(&session.id).is_some_and(|entry| entry.subscriptions.contains(uri))
    }

    /// Forgets what was remembered of a session whose connection has ended.
    pub(crate) fn forget(&self, session: &Session) {
        self.table().forget(&session.id);
    }
}
