//! What all handles of a client share: the connection, and one request on it.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mcp_core::Revision;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::{Instant, sleep};

use crate::catalog::Catalog;
use crate::declared::{Declared, KEYS, Offered};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::link::{Link, Outgoing};
use crate::params::{Meta, Params};
use crate::router::{Departed, Router};
use crate::settings::Settings;
use crate::types::Server;
use crate::wire::{self, Answer};

/// What all handles of a client share.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) router: Arc<Router>,
    pub(crate) link: Box<dyn Link>,
    pub(crate) catalog: Catalog,
    declared: Declared,
    server: Mutex<Arc<Server>>,
    next_id: AtomicU64,
    /// Counts the sessions; held while another is opened.
    pub(crate) session: tokio::sync::Mutex<()>,
    epoch: AtomicU64,
}

impl Inner {
    pub(crate) fn new(settings: Settings, router: Arc<Router>, link: Box<dyn Link>) -> Self {
        let server = Server { revision: Revision::LATEST, info: None, capabilities: serde_json::Value::Null, instructions: None };
        Self {
            settings,
            router,
            link,
            catalog: Catalog::default(),
            declared: Declared::default(),
            server: Mutex::new(Arc::new(server)),
            next_id: AtomicU64::new(1),
            session: tokio::sync::Mutex::default(),
            epoch: AtomicU64::new(0),
        }
    }

    fn server_slot(&self) -> MutexGuard<'_, Arc<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server, as far as it is known.
    pub(crate) fn server(&self) -> Arc<Server> {
        Arc::clone(&self.server_slot())
    }

    pub(crate) fn revision(&self) -> Revision {
        self.server_slot().revision
    }

    /// Takes note of what was negotiated.
    pub(crate) fn settle(&self, server: Server) {
        self.link.speak(server.revision);
        self.router.may_ask.store(!server.revision.is_modern(), Ordering::Release);
        *self.server_slot() = Arc::new(server);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Which session is open; grows with each.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a request once and waits for its answer.
    pub(crate) async fn exchange(&self, draft: &Draft) -> Result<Box<RawValue>> {
        match self.exchange_in(draft, Some(self.revision())).await {
            Ok(answer) => answer.map_err(Error::Protocol),
            // Who may not call is told by a status; whatever else is wrong is told by the error.
            Err(Error::Refused { status, reason: Some(reason), .. }) if !matches!(status, 401 | 403) => Err(Error::Protocol(*reason)),
            Err(error) => Err(error),
        }
    }

    /// As [`Inner::exchange`], in a revision of choice, or in none while that is negotiated.
    ///
    /// Dropping the future tells the server that the answer is not wanted.
    pub(crate) async fn exchange_in(&self, draft: &Draft, revision: Option<Revision>) -> Result<Answer> {
        self.exchange_as(self.next_id(), draft, revision).await
    }

    /// As [`Inner::exchange_in`], under an id that was taken before.
    pub(crate) async fn exchange_as(&self, id: u64, draft: &Draft, revision: Option<Revision>) -> Result<Answer> {
        let meta = self.meta(id, draft, revision)?;
        let mirrored = self.catalog.headers(draft, self.link.mirrors());
        let frame = self.fitting(wire::request(id, &draft.method, &draft.params, &meta))?;
        let request = Outgoing {
            id,
            method: &draft.method,
            name: draft.name.as_deref(),
            frame,
            revision,
            mirrored: &mirrored,
            headers: &draft.headers,
        };
        let timeouts = &self.settings.timeouts;
        let (silence, total) = (draft.silence.unwrap_or(timeouts.silence), draft.total.unwrap_or(timeouts.call));
        let departed = self.router.depart(id, draft.hearing.clone());
        let mut unanswered = Unanswered { link: &*self.link, id, tell: draft.is_cancellable() };
        let answer = within(&departed, silence, total, self.link.request(&request)).await;
        unanswered.tell &= matches!(answer, Err(Error::Timeout(_)));
        answer
    }

    fn meta(&self, id: u64, draft: &Draft, revision: Option<Revision>) -> Result<Meta> {
        let mut meta = draft.meta.clone();
        if draft.hearing.progress.is_some() || (self.settings.report_progress && draft.is_cancellable()) {
            meta.set("progressToken", &id)?;
        }
        let Some(revision) = revision.filter(|revision| revision.is_modern()) else { return Ok(meta.into()) };
        KEYS.iter().for_each(|key| meta.remove(key));
        let offers = draft.offers.unwrap_or(self.router.offers);
        let tasks = draft.tasks.unwrap_or(self.settings.tasks);
        let releases = draft.hearing.release.is_some();
        let declared = self.declared.members(&self.settings, Offered { offers, tasks, releases, revision })?;
        if let Some(level) = draft.log_level.or(self.settings.log_level) {
            meta.set("io.modelcontextprotocol/logLevel", &level)?;
        }
        Ok(Meta { declared: Some(declared), members: meta })
    }

    /// Sends a notification.
    pub(crate) async fn notify(&self, method: &str, params: &Params) -> Result<()> {
        self.link.notify(self.fitting(wire::notification(method, params))?).await
    }

    /// A message that may be sent.
    ///
    /// # Errors
    /// When it is too large.
    fn fitting(&self, frame: Bytes) -> Result<Bytes> {
        let (bytes, limit) = (frame.len(), self.settings.limits.request_bytes);
        if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(frame) }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.router.shut_down();
    }
}

/// Waits for an answer, as long as something is heard of it and the whole does not take too long.
async fn within<T>(departed: &Departed, silence: Duration, total: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let started = Instant::now();
    let mut work = pin!(work);
    loop {
        let (quiet, taken) = (departed.silence(), started.elapsed());
        if quiet >= silence {
            return Err(Error::Timeout(silence));
        }
        if taken >= total {
            return Err(Error::Timeout(total));
        }
        tokio::select! {
            biased;
            answer = &mut work => return answer,
            () = sleep((silence - quiet).min(total - taken)) => {}
        }
    }
}

/// A request whose answer is waited for. Dropped before, it tells the server.
struct Unanswered<'l> {
    link: &'l dyn Link,
    id: u64,
    tell: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.tell {
            let mut params = Params::default();
            params.set_raw("requestId", to_raw_value(&self.id).expect("a number is always valid JSON"));
            self.link.cancel(wire::notification("notifications/cancelled", &params));
        }
    }
}
