//! Keeping a registry as the upstream has it while it is served.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Change, Changes, Client, Filter};
use mcp_core::LiveRegistry;
use tokio::sync::watch;

use crate::access::Rules;
use crate::mirror::Lists;
use crate::reach::Connected;
use crate::relay::Shared;

/// How often to look whether a connection that tells of no changes is still there.
const LOOK: Duration = Duration::from_secs(2);

/// What has to be known to keep a registry.
pub(crate) struct Keeper {
    pub(crate) shared: Arc<Shared>,
    pub(crate) rules: Rules,
    pub(crate) live: LiveRegistry,
    pub(crate) lists: Lists,
    pub(crate) watched: watch::Receiver<BTreeSet<String>>,
}

impl Keeper {
    /// Runs as long as the runtime does.
    pub(crate) async fn run(mut self, mut connected: Connected) {
        loop {
            self.listen(&connected).await;
            // Nobody can be asked; what is wanted now is asked for when the upstream is back.
            self.shared.tuned.is_asked(self.shared.tuned.wanted());
            connected = self.shared.reach.after(connected.number).await;
            self.read_again(&connected.client, None).await;
            self.watched.borrow().iter().for_each(|uri| self.live.notify(mcp_core::Change::Resource(uri.as_str().into())));
        }
    }

    /// Listens on a connection until it is gone.
    async fn listen(&mut self, connected: &Connected) {
        let client = &connected.client;
        let mut changes = None;
        loop {
            // What is listened to so far is kept until there is more, so that nothing is missed in between.
            let before = changes.take();
            let wanted = self.shared.tuned.wanted();
            let uris = self.watched.borrow_and_update().clone();
            match client.listen(Filter { uris, ..Filter::lists() }).await {
                Ok(opened) => changes = Some(opened),
                Err(error) if error.is_disconnection() => return self.shared.reach.lost(connected.number, &error.to_string()),
                Err(error) => tracing::debug!(%error, "the upstream server tells of no changes"),
            }
            drop(before);
            self.shared.tuned.is_asked(wanted);
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
            Change::Tools => self.read_again(client, Some(mcp_core::Change::Tools)).await,
            Change::Prompts => self.read_again(client, Some(mcp_core::Change::Prompts)).await,
            Change::Resources => self.read_again(client, Some(mcp_core::Change::Resources)).await,
            Change::Resource(uri) => self.live.notify(mcp_core::Change::Resource(uri.into())),
            Change::Missed => {
                self.read_again(client, None).await;
                self.watched.borrow().iter().for_each(|uri| self.live.notify(mcp_core::Change::Resource(uri.as_str().into())));
            }
            _ => {}
        }
    }

    /// Takes over what is different, and tells of that and of what the upstream itself told of.
    async fn read_again(&mut self, client: &Client, heard: Option<mcp_core::Change>) {
        let lists = match Lists::read(client).await {
            Ok(lists) => lists,
            Err(error) => return tracing::warn!(%error, "the upstream server's lists cannot be read; those known so far are kept"),
        };
        let mut news = lists.news(&self.lists);
        let is_other = !news.is_empty();
        news.extend(heard.filter(|heard| !news.contains(heard)));
        if !is_other {
            return news.into_iter().for_each(|change| self.live.notify(change));
        }
        match self.live.replace(lists.registry(&self.shared, &self.rules), &news) {
            Ok(()) => self.lists = lists,
            Err(error) => tracing::warn!(%error, "the upstream server's lists cannot be offered; those known so far are kept"),
        }
    }
}

/// The next change; `None` when there will be no more.
async fn next(client: &Client, changes: Option<&mut Changes>) -> Option<Change> {
    let Some(changes) = changes else {
        while !client.is_closed() {
            tokio::time::sleep(LOOK).await;
        }
        return None;
    };
    changes.next().await?.ok()
}
