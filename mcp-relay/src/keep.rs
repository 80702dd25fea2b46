//! Keeping a registry as the upstream has it while it is served.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Change, Changes, Client, Filter};
use mcp_core::LiveRegistry;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::access::Rules;
use crate::mirror::Lists;
use crate::reach::Connected;
use crate::relay::Shared;

/// How often to look whether a connection that tells of no changes is still there.
const LOOK: Duration = Duration::from_secs(2);
/// The longest pause before lists that could not be read are read again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What has to be known to keep a registry.
pub(crate) struct Keeper {
    pub(crate) shared: Arc<Shared>,
    pub(crate) rules: Rules,
    pub(crate) live: LiveRegistry,
    pub(crate) lists: Lists,
    pub(crate) watched: watch::Receiver<BTreeSet<String>>,
}

impl Keeper {
    /// Runs as long as the runtime does. `read` is the number of the connection that the lists were read from, and 0 if they were not.
    pub(crate) async fn run(mut self, read: u64) {
        let mut past = 0;
        loop {
            let connected = self.shared.reach.after(past).await;
            if connected.number != read {
                self.read_anew(&connected.client).await;
                self.watched.borrow().iter().for_each(|uri| self.live.notify(mcp_core::Change::Resource(uri.as_str().into())));
            }
            self.listen(&connected).await;
            past = connected.number;
        }
    }

    /// Listens on a connection until it is gone.
    async fn listen(&mut self, connected: &Connected) {
        let client = &connected.client;
        let mut changes = None;
        loop {
            // What is listened to so far is kept until there is more, so that nothing is missed in between.
            let before = changes.take();
            let uris = self.watched.borrow_and_update().clone();
            match client.listen(Filter { uris, ..Filter::lists() }).await {
                Ok(opened) => changes = Some(opened),
                Err(error) if error.is_disconnection() => return self.shared.reach.lost(connected.number, &error.to_string()),
                Err(error) => tracing::debug!(%error, "the upstream server tells of no changes"),
            }
            drop(before);
            // Until other resources are watched, on the same connection.
            loop {
                tokio::select! {
                    changed = self.watched.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => std::future::pending().await,
                    },
                    change = next(client, changes.as_mut()) => match change {
                        Some(change) => self.heard(client, change).await,
                        None => return self.shared.reach.lost(connected.number, "it does not tell of changes any more"),
                    },
                }
            }
        }
    }

    async fn heard(&mut self, client: &Client, change: Change) {
        match change {
            Change::Tools | Change::Prompts | Change::Resources => drop(self.read_again(client).await),
            Change::Resource(uri) => self.live.notify(mcp_core::Change::Resource(uri.into())),
            Change::Missed => {
                self.read_again(client).await;
                self.watched.borrow().iter().for_each(|uri| self.live.notify(mcp_core::Change::Resource(uri.as_str().into())));
            }
            _ => {}
        }
    }

    /// Reads the lists on a new connection, and tries again while it is there: somebody may have to sign in first.
    async fn read_anew(&mut self, client: &Client) {
        let mut pause = LOOK;
        while !self.read_again(client).await && !client.is_closed() {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether the lists could be read.
    async fn read_again(&mut self, client: &Client) -> bool {
        let lists = match Lists::read(client).await {
            Ok(lists) => lists,
            Err(error) => {
                tracing::warn!(%error, "the upstream server's lists cannot be read; those known so far are kept");
                return false;
            }
        };
        let news = lists.news(&self.lists);
        if news.is_empty() {
            return true;
        }
        match self.live.replace(self.shared.registry(&lists, &self.rules), &news) {
            Ok(()) => self.lists = lists,
            Err(error) => tracing::warn!(%error, "the upstream server's lists cannot be offered; those known so far are kept"),
        }
        true
    }
}

/// The next change; `None` when there will be no more.
async fn next(client: &Client, changes: Option<&mut Changes>) -> Option<Change> {
    let Some(changes) = changes else {
        while !client.is_closed() {
            sleep(LOOK).await;
        }
        return None;
    };
    changes.next().await?.ok()
}
